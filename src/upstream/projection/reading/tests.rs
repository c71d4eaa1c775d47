use super::*;

/// Notes the rows of a list as they come, and wants no more after so many.
struct Noted {
    row: Texts,
    rows: Vec<Vec<String>>,
    most: usize,
}

#[derive(Default)]
struct Texts(Vec<String>);

impl Leaves for Texts {
    fn add(&mut self, leaves: &[Leaf], value: &str) {
        self.0.extend(leaves.iter().map(|leaf| format!("{}={value}", leaf.cell)));
    }

    fn keeps_whole(&self, leaves: &[Leaf]) -> bool {
        leaves.iter().any(|leaf| leaf.slot == 1)
    }

    fn add_null(&mut self, outline: &Outline) {
        self.add(outline.leaves(), "null");
    }

    fn end_element(&mut self, _: &Outline, depth: usize) {
        self.0.push(format!("end {depth}"));
    }
}

impl Rows for Noted {
    fn row(&mut self) -> &mut dyn Leaves {
        &mut self.row
    }

    fn end_row(&mut self) -> ControlFlow<()> {
        self.rows.push(std::mem::take(&mut self.row.0));
        if self.rows.len() < self.most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

fn outline(paths: &[(&'static str, usize)]) -> Outline {
    let mut outline = Outline::default();
    for (cell, (path, slot)) in paths.iter().enumerate() {
        outline.add(path, Leaf { cell, slot: *slot });
    }
    outline
}

/// The rows of a list, and what is around it.
fn read(body: &str, path: &'static str, most: usize) -> Result<(Vec<Vec<String>>, Vec<String>), Unreadable> {
    let (row, around) = (outline(&[("user.name", 0), ("tags", 0), ("whole", 1)]), outline(&[("next", 0)]));
    let mut noted = Noted { row: Texts::default(), rows: Vec::new(), most };
    let mut others = Texts::default();
    read_list(body.as_bytes(), path, &row, &mut noted, &around, &mut others)?;
    Ok((noted.rows, others.0))
}

#[test]
fn a_row_has_what_is_on_the_wanted_paths_and_nothing_else() {
    let body = r#"{"next":"2","values":[{"user":{"name":"Ann","age":3},"tags":["a","b"],"whole":{"x":[1]},"other":[{}]},null,{}]}"#;
    let row = ["0=Ann", "1=a", "end 0", "1=b", "end 0", r#"2={"x":[1]}"#].map(str::to_owned).to_vec();
    assert_eq!(read(body, "values", 9), Ok((vec![row, Vec::new()], vec!["0=2".to_owned()])));
}

#[test]
fn after_a_break_nothing_more_is_read() {
    assert_eq!(
        read(r#"{"values":[{"tags":1},{"tags":2},?"#, "values", 1),
        Ok((vec![vec!["1=1".to_owned()]], Vec::new()))
    );
}

#[test]
fn a_body_without_the_list_is_unreadable() {
    for body in ["", "[]", "{}", r#"{"values":{}}"#, r#"{"values":[]"#, r#"{"values":[]}x"#, r#"{"values":[1]}"#] {
        assert_eq!(read(body, "values", 9), Err(Unreadable), "{body}");
    }
    assert_eq!(read("[{}]", "", 9), Ok((vec![Vec::new()], Vec::new())));
}
