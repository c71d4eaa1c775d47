//! Providers by name: a provider is a value, and whoever works with one is given it. So none is named but where it is
//! described, `providers` and its part of the catalogue.

use std::collections::BTreeSet;

use super::source::Module;

/// Files that may name providers elsewhere, each with its reason.
const ARGUED: &[(&str, &str)] = &[
    ("catalog", "the list of all operations"),
    ("catalog::address", "the addresses of their own pages, which people paste for an argument"),
    ("catalog::prompt", "what people ask for often, with the tools to use for it"),
    ("catalog::resource", "the forms of URIs, each with the operation that reads it"),
];

/// The ids of the providers, as the files of `providers` say them.
pub(super) fn of(modules: &[Module]) -> BTreeSet<String> {
    let own = modules.iter().filter(|module| module.room() == "providers");
    let ids = own.filter_map(|module| module.code.split_once("    id: \"")?.1.split('"').next());
    ids.map(str::to_owned).collect()
}

/// The files that name a provider and that nobody argued for, and the arguments that are not needed any more.
pub(super) fn problems(modules: &[Module], providers: &BTreeSet<String>) -> Vec<String> {
    compared(modules, providers, ARGUED)
}

fn compared(modules: &[Module], providers: &BTreeSet<String>, argued: &[(&str, &str)]) -> Vec<String> {
    let is_own = |module: &Module| {
        let part = module.path.get(1).filter(|_| module.room() == "catalog");
        module.room() == "providers" || part.is_some_and(|part| providers.contains(part))
    };
    let elsewhere = modules.iter().filter(|module| !is_own(module));
    let naming: BTreeSet<(String, &String)> = elsewhere
        .flat_map(|module| {
            let code = module.code.to_ascii_lowercase();
            let named = providers.iter().filter(move |provider| code.contains(provider.as_str()));
            named.map(|provider| (module.name(), provider))
        })
        .collect();
    let new = naming.iter().filter(|(file, _)| !argued.iter().any(|(known, _)| known == file));
    let new = new.map(|(file, provider)| format!("{file} names {provider}: only providers and its catalogue do"));
    let gone = argued.iter().filter(|(known, _)| !naming.iter().any(|(file, _)| file == known));
    let gone = gone.map(|(known, _)| format!("{known} names no provider any more: take it off the list"));
    new.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &[&str], code: &str, argued: &[(&str, &str)]) -> Vec<String> {
        let described =
            Module::new(&["providers", "shelf"], "static SHELF: Provider = Provider {\n    id: \"shelf\",\n};");
        let modules = [described, Module::new(path, code)];
        compared(&modules, &of(&modules), argued)
    }

    #[test]
    fn a_provider_is_named_where_it_is_described() {
        assert_eq!(found(&["providers"], "pub use shelf::SHELF;", &[]), [""; 0]);
        assert_eq!(found(&["catalog", "shelf", "books"], "&SHELF", &[]), [""; 0]);
    }

    #[test]
    fn elsewhere_it_is_named_neither_by_its_value_nor_in_a_word_or_text() {
        for code in ["f(&SHELF)", "fn shelf_is_there() {}", "\"/connect/shelf\"", "lacksShelf"] {
            assert_eq!(found(&["console"], code, &[]), ["console names shelf: only providers and its catalogue do"]);
        }
        assert_eq!(found(&["console"], "// Shelf is one of them.", &[]), [""; 0]);
    }

    #[test]
    fn a_file_that_was_argued_for_may_name_it_until_it_does_not() {
        let argued: &[(&str, &str)] = &[("catalog", "for a reason")];
        assert_eq!(found(&["catalog"], "&shelf::LIST", argued), [""; 0]);
        assert_eq!(found(&["catalog"], "", argued), ["catalog names no provider any more: take it off the list"]);
    }
}
