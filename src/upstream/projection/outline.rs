//! The wanted paths as a tree.

use crate::catalog::operation::first_name;

/// Where a value goes to: which cell, and which of its slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    pub cell: usize,
    pub slot: usize,
}

/// A member's name, where its value goes to, and what is wanted below it.
#[derive(Debug, Default)]
pub struct Outline {
    name: &'static str,
    children: Vec<Self>,
    leaves: Vec<Leaf>,
    /// The cells of this outline and all below it.
    below: Vec<usize>,
}

impl Outline {
    /// Adds a dotted path, whose values go to that leaf; an empty path is this outline's own list or object.
    pub fn add(&mut self, path: &'static str, leaf: Leaf) {
        let (name, rest) = first_name(path);
        self.below.push(leaf.cell);
        let known = self.children.iter().position(|child| child.name == name);
        let index = known.unwrap_or_else(|| {
            self.children.push(Self { name, ..Self::default() });
            self.children.len() - 1
        });
        let Some(child) = self.children.get_mut(index) else { return };
        match rest {
            Some(rest) => child.add(rest, leaf),
            None => {
                child.leaves.push(leaf);
                child.below.push(leaf.cell);
            }
        }
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Where a value here goes to.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The cells of this outline and all below it.
    pub fn cells(&self) -> &[usize] {
        &self.below
    }

    /// The leaves of this outline and of those right below it.
    pub fn near_leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.children.iter().chain([self]).flat_map(|outline| &outline.leaves)
    }
}
