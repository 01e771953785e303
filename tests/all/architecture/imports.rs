//! No import runs in a circle inside any room: every file can be read after those that it uses.
//!
//! A file uses another of its room if its code, tests aside, holds a path that leads there: `super::draft::Draft`,
//! `crate::project::read::load`, in a `mod.rs` also `read::load::load`, alone or in the braces of a `use`. A path that ends in a
//! name of a `mod.rs`, as `super::Draft` where that re-exports it, uses the `mod.rs`. That a file declares another with `mod` is
//! no use.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{room_of, source_folder, sources};

/// A file by the names of its modules: `["project", "read", "load"]`.
type Module = Vec<String>;

type Uses = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn no_import_runs_in_a_circle() {
    let rooms = rooms();
    assert_eq!(rooms.len(), super::ROOMS.len(), "{rooms:?}");
    let found: Vec<String> = rooms
        .iter()
        .filter_map(|room| circle(&uses(room)))
        .collect();
    assert!(
        found.is_empty(),
        "imports in a circle:\n{}",
        found.join("\n")
    );
}

/// In `project`, what loads a ref knows nothing of what is built on it.
#[test]
fn reading_knows_nothing_of_writing_and_of_surveys() {
    let uses = uses("project");
    let within = |module: &Module, room: &str| module.get(1).is_some_and(|name| name == room);
    for (room, above) in [
        ("read", ["write", "survey"]),
        ("write", ["survey", "survey"]),
        ("survey", ["write", "write"]),
    ] {
        for (module, used) in uses.iter().filter(|(module, _)| within(module, room)) {
            let wrong = used
                .iter()
                .find(|used| above.iter().any(|room| within(used, room)));
            assert_eq!(wrong, None, "{}", module.join("::"));
        }
    }
}

#[test]
fn circles_are_found() {
    let uses = |files: &[(&str, &str)]| {
        let split = |path: &str| path.split("::").map(str::to_owned).collect::<Module>();
        let modules: BTreeSet<Module> = files.iter().map(|(path, _)| split(path)).collect();
        let uses = files.iter().map(|(path, text)| {
            let module = split(path);
            let used = uses_of(&module, text, &modules);
            (module, used)
        });
        circle(&uses.collect())
    };
    let down = [
        ("r", "mod a; mod b; pub use a::A; fn f() { b::f() }"),
        (
            "r::a",
            "use super::b::{self, B as C}; // super::A\n const X: &str = \"super::A\";",
        ),
        (
            "r::b",
            "pub(super) struct B; use crate::other::a; mod c; pub(in crate::r) use c::f;",
        ),
        (
            "r::b::c",
            "#[cfg(test)] mod tests { use super::super::super::a::A; }",
        ),
    ];
    assert_eq!(uses(&down), None);
    let through = |file: &str, text: &str| {
        let mut files = down.to_vec();
        files.iter_mut().find(|(name, _)| *name == file).unwrap().1 = text;
        uses(&files)
    };
    let circle = |text: &str| Some(text.to_owned());
    assert_eq!(
        through("r::b", "use super::a::A;"),
        circle("r::a -> r::b -> r::a")
    );
    assert_eq!(
        through("r::b", "use super::A;"),
        circle("r -> r::a -> r::b -> r")
    );
    for text in [
        "fn f() { println!(\"{}\", crate::r::a::f()) }",
        "type A = Vec<super::super::a::A>;",
        "use crate::r::{a::{A, B}, b::C};",
    ] {
        assert_eq!(
            through("r::b::c", text),
            circle("r::a -> r::b -> r::b::c -> r::a")
        );
    }
    let child = |text: &'static str| {
        uses(&[
            ("r", ""),
            ("r::a", "use super::b::B;"),
            ("r::b", "mod c; mod d;"),
            ("r::b::c", text),
        ])
    };
    assert_eq!(child("use crate::r::a::A;"), None, "b declares c only");
    assert_eq!(
        child("fn f() -> super::super::a::A { matches!(1, crate::r::b) }"),
        None
    );
}

/// Every folder of the sources.
fn rooms() -> Vec<String> {
    let entries = fs::read_dir(source_folder()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.is_dir())
        .map(|path| room_of(&path))
        .collect()
}

/// What the files of a room use of each other.
fn uses(room: &str) -> Uses {
    let mut files: BTreeMap<Module, PathBuf> = BTreeMap::new();
    for path in sources(&source_folder()) {
        let module = module_of(&path);
        if module[0] == room {
            files.insert(module, path);
        }
    }
    assert!(!files.is_empty(), "there is no room `{room}`");
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let of_tests: BTreeSet<Module> = files
        .iter()
        .flat_map(|(module, path)| modules_of_tests(module, &read(path)))
        .collect();
    files.retain(|module, _| !of_tests.iter().any(|tests| module.starts_with(tests)));
    let modules: BTreeSet<Module> = files.keys().cloned().collect();
    let uses = files.iter().map(|(module, path)| {
        let used = uses_of(module, &read(path), &modules);
        (module.clone(), used)
    });
    uses.collect()
}

fn module_of(path: &Path) -> Module {
    let below = path.strip_prefix(source_folder()).unwrap();
    let names = below.with_extension("");
    let mut module: Module = names
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module.len() > 1 && module.last().is_some_and(|name| name == "mod") {
        module.pop();
    }
    module
}

/// The modules that a file declares for its tests only, in files of their own.
fn modules_of_tests(module: &Module, text: &str) -> Vec<Module> {
    let (_, of_tests) = without_tests(tokens(text));
    let child = |name: String| module.iter().cloned().chain([name]).collect();
    of_tests.into_iter().map(child).collect()
}

/// The files that a file uses.
fn uses_of(module: &Module, text: &str, modules: &BTreeSet<Module>) -> BTreeSet<Module> {
    let (code, _) = without_tests(tokens(text));
    let mut paths = Paths {
        module,
        modules,
        used: BTreeSet::new(),
    };
    paths.read(&code);
    paths.used.remove(module);
    paths.used
}

fn tokens(text: &str) -> Vec<TokenTree> {
    let stream: TokenStream = text.parse().expect("the compiler reads it too");
    stream.into_iter().collect()
}

/// Takes out the modules of tests. Those that are files of their own are returned by their names.
fn without_tests(tokens: Vec<TokenTree>) -> (Vec<TokenTree>, Vec<String>) {
    let (mut code, mut of_tests) = (Vec::new(), Vec::new());
    let mut rest = tokens.into_iter();
    while let Some(token) = rest.next() {
        let is_for_tests = matches!(&token, TokenTree::Group(group)
            if group.delimiter() == Delimiter::Bracket && group.stream().to_string().replace(' ', "") == "cfg(test)");
        code.push(token);
        if !is_for_tests {
            continue;
        }
        let mut item = rest.clone();
        if item.next().is_some_and(|token| token.to_string() == "mod") {
            let name = item.next().expect("a module has a name").to_string();
            if item.next().is_some_and(|token| token.to_string() == ";") {
                of_tests.push(name);
            }
            rest = item;
        }
    }
    (code, of_tests)
}

/// Collects the paths of a file that lead to other files of its room.
struct Paths<'p> {
    module: &'p Module,
    modules: &'p BTreeSet<Module>,
    used: BTreeSet<Module>,
}

impl Paths<'_> {
    fn read(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            let before = at.checked_sub(1).map(|before| tokens[before].to_string());
            let may_begin = !matches!(before.as_deref(), Some(":" | "." | "in" | "mod"));
            if may_begin && is_separator(&tokens[at + 1..]) {
                let name = tokens[at].to_string();
                if let Some(start) = self.start(&name) {
                    at = self.path(start, tokens, at + 3);
                    continue;
                }
            }
            if let TokenTree::Group(group) = &tokens[at] {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                self.read(&inner);
            }
            at += 1;
        }
    }

    /// The module that a path begins at.
    fn start(&self, name: &str) -> Option<Module> {
        let child = || {
            let child: Module = self
                .module
                .iter()
                .cloned()
                .chain([name.to_owned()])
                .collect();
            self.modules.contains(&child).then_some(child)
        };
        match name {
            "crate" => Some(Vec::new()),
            "self" => Some(self.module.clone()),
            "super" => Some(self.module[..self.module.len() - 1].to_vec()),
            _ => child(),
        }
    }

    /// Reads the rest of a path, from the name after `::`. Returns the place after it.
    fn path(&mut self, mut names: Module, tokens: &[TokenTree], mut at: usize) -> usize {
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(name)) => {
                    match name.to_string().as_str() {
                        "super" => drop(names.pop()),
                        "self" => {}
                        name => names.push(name.to_owned()),
                    }
                    at += 1;
                    if !is_separator(&tokens[at..]) {
                        break;
                    }
                    at += 2;
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for branch in inner.split(|token| token.to_string() == ",") {
                        if !branch.is_empty() {
                            self.path(names.clone(), branch, 0);
                        }
                    }
                    return at + 1;
                }
                // `*`, or the `<` of a turbofish.
                _ => break,
            }
        }
        if let Some(used) = (1..=names.len()).rev().find_map(|length| {
            let module = names[..length].to_vec();
            self.modules.contains(&module).then_some(module)
        }) {
            self.used.insert(used);
        }
        at
    }
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    let colon = |token: Option<&TokenTree>| token.is_some_and(|token| token.to_string() == ":");
    colon(tokens.first()) && colon(tokens.get(1))
}

/// A circle, if there is one: the files on it.
fn circle(uses: &Uses) -> Option<String> {
    let mut done = BTreeSet::new();
    uses.keys()
        .find_map(|module| circle_from(module, uses, &mut Vec::new(), &mut done))
}

fn circle_from<'u>(
    module: &'u Module,
    uses: &'u Uses,
    way: &mut Vec<&'u Module>,
    done: &mut BTreeSet<&'u Module>,
) -> Option<String> {
    if let Some(begin) = way.iter().position(|known| *known == module) {
        let circle = way[begin..].iter().copied().chain([module]);
        let names: Vec<String> = circle.map(|module| module.join("::")).collect();
        return Some(names.join(" -> "));
    }
    if !done.insert(module) {
        return None;
    }
    way.push(module);
    let used = uses.get(module).into_iter().flatten();
    let found = used
        .map(|used| circle_from(used, uses, way, done))
        .find_map(|found| found);
    way.pop();
    found
}
