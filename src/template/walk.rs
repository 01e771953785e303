//! From what every `#{` begins to the parts, names, filters and loops of a text.

use std::ops::Range;

use memchr::memmem;

use super::character::fold;
use super::grammar::{Found, Reader};
use super::items::{Body, Items, Kind, Stopped};
use super::model::{
    Local, Loop, MAX_DEPTH, Mistake, MistakeKind, Name, Part, PartKind, Reading, Role, Template,
};
use super::path::{Path, Step, StepKind};

pub(super) fn read(text: &str, reading: Reading) -> Template<'_> {
    let mut template = Template {
        text,
        reading,
        parts: Vec::new(),
        names: Vec::new(),
        filters: Vec::new(),
        loops: Vec::new(),
        mistakes: Vec::new(),
    };
    if memmem::find(text.as_bytes(), b"#{").is_none() {
        template.push_part(PartKind::Text, 0..text.len());
        return template;
    }
    let items = Items::read(text);
    match reading {
        Reading::Value => {
            let end = items.run_end(0, Body::Plain);
            let mistake = if end == text.len() {
                walk(&items, 0..end, &mut template).err()
            } else {
                Some(mistake(text, &items, end))
            };
            if let Some(mistake) = mistake {
                template.push_part(PartKind::Text, 0..text.len());
                template.mistakes.push(mistake);
            }
        }
        Reading::Script => {
            let mut at = 0;
            while at < text.len() {
                let end = items.run_end(at, Body::Plain);
                run_by_items(&items, at..end, &mut template);
                if end == text.len() {
                    break;
                }
                let mistake = mistake(text, &items, end);
                at = mistake.place.end;
                template.push_part(PartKind::Text, mistake.place.clone());
                template.mistakes.push(mistake);
            }
        }
    }
    template.put_in_order();
    template
}

/// A run in a script: an item that is too deep is text, and the others are not.
fn run_by_items<'t>(items: &Items<'t>, run: Range<usize>, template: &mut Template<'t>) {
    let mut at = run.start;
    while at < run.end {
        let next = items.next(at).map_or(run.end, |next| next.min(run.end));
        let end = items.end(next).map_or(run.end, |end| end.min(run.end));
        if let Err(mistake) = walk(items, at..end, template) {
            template.push_part(PartKind::Text, at..end);
            template.mistakes.push(mistake);
        }
        at = end;
    }
}

fn mistake(text: &str, items: &Items<'_>, at: usize) -> Mistake {
    let Some(Err(Stopped(end))) = items.get(at) else {
        unreachable!("a run ends with the text or at what isn't an item")
    };
    let kind = match text[end..].chars().next() {
        _ if text[at..].starts_with("#{/") => MistakeKind::ClosesNothing,
        Some(c) => MistakeKind::Unexpected(c),
        None => MistakeKind::Unclosed,
    };
    let place = at..end;
    Mistake { kind, place }
}

/// Goes through one run of text and items and all that lies in it. What is still to be done is a list, not a stack of calls.
struct Walk<'t, 'i> {
    items: &'i Items<'t>,
    template: &'i mut Template<'t>,
    tasks: Vec<Task>,
    scopes: Vec<Scope>,
}

/// A loop's names.
struct Scope {
    outer: Option<usize>,
    variable: String,
    /// Where the loop's head begins.
    at: usize,
}

/// Where something lies.
#[derive(Debug, Clone, Copy)]
struct Context {
    scope: Option<usize>,
    depth: usize,
    /// Whether it lies within another part.
    within: bool,
}

enum Task {
    Run(Range<usize>, Context),
    Item(usize, Role, Context),
}

/// Adds what lies in a run, unless it is too deep: then nothing.
fn walk<'t>(
    items: &Items<'t>,
    run: Range<usize>,
    template: &mut Template<'t>,
) -> Result<(), Mistake> {
    let known = (
        template.parts.len(),
        template.names.len(),
        template.filters.len(),
        template.loops.len(),
    );
    let mut walk = Walk {
        items,
        template,
        tasks: Vec::new(),
        scopes: Vec::new(),
    };
    let outcome = walk.all_of(run);
    if outcome.is_err() {
        template.parts.truncate(known.0);
        template.names.truncate(known.1);
        template.filters.truncate(known.2);
        template.loops.truncate(known.3);
    }
    outcome
}

impl<'t, 'i> Walk<'t, 'i> {
    fn all_of(&mut self, run: Range<usize>) -> Result<(), Mistake> {
        let context = Context {
            scope: None,
            depth: 0,
            within: false,
        };
        self.tasks.push(Task::Run(run, context));
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Run(run, context) => self.go_through(run, context),
                Task::Item(at, _, context) if context.depth > MAX_DEPTH => {
                    let kind = MistakeKind::TooDeep;
                    let place = at..at + 2;
                    return Err(Mistake { kind, place });
                }
                Task::Item(at, role, context) => self.item(at, role, context),
            }
        }
        Ok(())
    }

    fn finder(&self) -> Reader<'t, 'i> {
        Reader::finding(self.template.text, self.items)
    }

    fn go_through(&mut self, run: Range<usize>, context: Context) {
        let mut at = run.start;
        while at < run.end {
            let next = self
                .items
                .next(at)
                .map_or(run.end, |next| next.min(run.end));
            if !context.within {
                self.template.push_text_with_escapes(at..next);
            }
            let Some(end) = self.items.end(next).filter(|_| next < run.end) else {
                break;
            };
            self.tasks.push(Task::Item(next, Role::Value, context));
            at = end;
        }
    }

    fn push_part(&mut self, kind: PartKind, place: Range<usize>, context: Context) {
        if !context.within {
            self.template.parts.push(Part { kind, place });
        }
    }

    fn push_run(&mut self, run: Range<usize>, context: Context) {
        let depth = context.depth + 1;
        self.tasks
            .push(Task::Run(run, Context { depth, ..context }));
    }

    /// What was met in a head or an expression.
    fn keep(&mut self, mut reader: Reader<'t, '_>, context: Context) {
        for found in reader.take_found() {
            match found {
                Found::Name(path, role) => {
                    let local = self.local(&path, context.scope);
                    self.template.names.push(Name { path, role, local });
                }
                Found::Filter(filter) => self.template.filters.push(filter),
                Found::Nested(at, role) => {
                    let context = Context {
                        depth: context.depth + 1,
                        within: true,
                        ..context
                    };
                    self.tasks.push(Task::Item(at, role, context));
                }
            }
        }
    }

    /// What the name is bound to: the item of the innermost loop with such a variable, else what the innermost says of itself.
    fn local(&self, path: &Path<'t>, scope: Option<usize>) -> Option<Local> {
        let innermost = &self.scopes[scope?];
        let name = |step: &Step<'t>| match step.kind {
            StepKind::Name(name) => Some(name),
            StepKind::Index(_) | StepKind::Computed => None,
        };
        if let [a, b, c, d] = &*path.steps
            && let (Some(a), Some(b), Some(c), Some(d)) = (name(a), name(b), name(c), name(d))
            && [a, b, c].map(fold) == ["OCTOPUS", "TEMPLATE", "EACH"]
            && ["FIRST", "LAST", "INDEX"].contains(&&*fold(d))
        {
            return Some(Local::Special(innermost.at));
        }
        let first = fold(name(path.steps.first()?)?);
        let mut scope = Some(innermost);
        while let Some(inner) = scope {
            if inner.variable == first {
                return Some(Local::Item(inner.at));
            }
            scope = inner.outer.map(|outer| &self.scopes[outer]);
        }
        None
    }

    fn item(&mut self, at: usize, role: Role, context: Context) {
        let Some(Ok((mut kind, mut end))) = self.items.get(at) else {
            return self.substitution(at, role, context);
        };
        // An index is a substitution, whatever the item is elsewhere.
        if role == Role::Index {
            kind = Kind::Substitution;
            end = self.items.plain_substitution(at).unwrap_or(end);
        }
        match kind {
            Kind::Substitution => {
                self.push_part(PartKind::Substitution, at..end, context);
                self.substitution(at, role, context);
            }
            Kind::Calculation => {
                self.push_part(PartKind::Calculation, at..end, context);
                let mut reader = self.finder();
                if reader.calculation(at).is_ok() {
                    self.keep(reader, context);
                }
            }
            Kind::Conditional => self.conditional(at, end, context),
            Kind::Repetition => self.repetition(at, end, context),
        }
    }

    fn substitution(&mut self, at: usize, role: Role, context: Context) {
        let mut reader = self.finder();
        if reader.substitution(at, role).is_ok() {
            self.keep(reader, context);
        }
    }

    fn conditional(&mut self, at: usize, end: usize, context: Context) {
        let mut reader = self.finder();
        let Ok((body, is_if)) = reader.conditional_head(at) else {
            return;
        };
        self.keep(reader, context);
        self.push_part(PartKind::Opening, at..body, context);
        let kind = if is_if { Body::If } else { Body::Unless };
        let mut done = self.items.run_end(body, kind);
        self.push_run(body..done, context);
        if is_if {
            done = self.else_ifs(done, context);
        }
        if let Ok(otherwise) = Reader::new(self.template.text, self.items).literal(done, "#{else}")
        {
            self.push_part(PartKind::Middle, done..otherwise, context);
            done = self.items.run_end(otherwise, Body::Plain);
            self.push_run(otherwise..done, context);
        }
        self.push_part(PartKind::Closing, done..end, context);
    }

    /// Where the `elseif`s that begin at a place are done.
    fn else_ifs(&mut self, at: usize, context: Context) -> usize {
        let mut at = at;
        loop {
            let mut reader = self.finder();
            let Ok(body) = reader.else_if_head(at) else {
                return at;
            };
            self.keep(reader, context);
            self.push_part(PartKind::Middle, at..body, context);
            at = self.items.run_end(body, Body::If);
            self.push_run(body..at, context);
        }
    }

    fn repetition(&mut self, at: usize, end: usize, context: Context) {
        let mut reader = self.finder();
        let Ok((variable, body)) = reader.each_head(at) else {
            return;
        };
        let done = self.items.run_end(body, Body::Plain);
        self.keep(reader, context);
        self.push_part(PartKind::Opening, at..body, context);
        self.push_part(PartKind::Closing, done..end, context);
        self.scopes.push(Scope {
            outer: context.scope,
            variable: variable_of(&variable),
            at,
        });
        let scope = Some(self.scopes.len() - 1);
        self.push_run(body..done, Context { scope, ..context });
        self.template.loops.push(Loop {
            variable,
            place: at..end,
            body: body..done,
        });
    }
}

fn variable_of(variable: &Step<'_>) -> String {
    match variable.kind {
        StepKind::Name(name) => fold(name),
        StepKind::Index(_) | StepKind::Computed => String::new(),
    }
}

impl Template<'_> {
    fn push_part(&mut self, kind: PartKind, place: Range<usize>) {
        if !place.is_empty() {
            self.parts.push(Part { kind, place });
        }
    }

    fn push_text_with_escapes(&mut self, place: Range<usize>) {
        let text = self.text;
        let mut at = place.start;
        for brace in memchr::memchr_iter(b'{', &text.as_bytes()[place.clone()]) {
            let brace = place.start + brace;
            if text[at..brace].ends_with("##") {
                self.push_part(PartKind::Text, at..brace - 2);
                self.push_part(PartKind::Escape, brace - 2..brace + 1);
                at = brace + 1;
            }
        }
        let escaped = text[place.end..].starts_with("#{") && text[at..place.end].ends_with("##");
        let rest = if escaped { place.end - 2 } else { place.end };
        self.push_part(PartKind::Text, at..rest);
        self.push_part(PartKind::Escape, rest..place.end);
    }

    fn put_in_order(&mut self) {
        self.parts.sort_by_key(|part| part.place.start);
        self.filters.sort_by_key(|filter| filter.place.start);
        self.names.sort_by_key(|name| name.path.place().start);
        self.loops.sort_by_key(|one| one.place.start);
        // Till now they were known by where they begin.
        let loops = &self.loops;
        let number = |at: &mut usize| *at = loops.partition_point(|one| one.place.start < *at);
        for name in &mut self.names {
            match &mut name.local {
                Some(Local::Item(at) | Local::Special(at)) => number(at),
                None => {}
            }
        }
    }
}
