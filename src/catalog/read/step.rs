//! `step.hcl`: one step, whose version and name come from its folder.

use hcl::edit::Span;
use hcl::edit::expr::Expression as SyntaxExpression;
use hcl::edit::structure::{Attribute, Block, Body};

use super::modify::{block_span, read_down, read_modify};
use super::{Reader, value_span};
use crate::catalog::blocks;
use crate::catalog::expression::{Expression, ExpressionKind};
use crate::catalog::load::StepFolder;
use crate::catalog::problem::Problem;
use crate::catalog::step::StepSpans;
use crate::catalog::{Action, BringBack, OnExisting, PathPattern, Reverse, Step};
use crate::text::{either, nearest};

impl Reader<'_> {
    pub(super) fn step(&mut self, body: &Body) -> Option<Step> {
        let folder = self.folder();
        self.known_attributes(body, &blocks::STEP);
        let kind = match body.get_attribute("document") {
            Some(attribute) => self.string(attribute),
            None => {
                self.compiler.problem_with_help(
                    0..0,
                    "the step doesn't say which document it is about",
                    "write `document = \"kind\"`",
                );
                None
            }
        };
        let description = match body.get_attribute("description") {
            Some(attribute) => {
                let description = self.sentence(attribute);
                if description.as_ref().is_some_and(|it| it.trim().is_empty()) {
                    self.compiler.problem_with_help(
                        value_span(body, "description"),
                        "the step's description is empty",
                        "say what it changes: users see it beside the changes",
                    );
                }
                description
            }
            None => {
                self.compiler.problem_with_help(
                    0..0,
                    "the step has no description",
                    "write `description = \"...\"`: users see it beside the changes",
                );
                None
            }
        };
        let reads = match body.get_attribute("reads") {
            Some(attribute) => self.strings(attribute),
            None => Vec::new(),
        };
        let (reads, read_places): (Vec<_>, Vec<_>) = reads.into_iter().unzip();
        let reads_any_shape = self.flag(body, "reads_any_shape", false);
        let overwrites = self.flag(body, "overwrites", false);
        let not_idempotent = self.not_idempotent(body);
        let action = self.action(body);
        let reverse = self.reverse(body, action.as_ref().map(|(action, _)| action));
        let (StepFolder { version, name }, (action, action_place)) = (folder?, action?);
        let source = self.compiler.file.clone();
        let mut step = Step::declared(version, &name, &kind?, action, source);
        step.description = description.unwrap_or_default();
        step.reads = reads;
        step.reads_any_shape = reads_any_shape;
        step.overwrites = overwrites;
        step.effect = self.effect(body);
        step.not_idempotent = not_idempotent;
        if let Some(reverse) = reverse {
            step.reverse = reverse.into();
        }
        step.spans = StepSpans {
            target: value_span(body, "document"),
            action: action_place,
            reads: read_places,
            documents: std::mem::take(&mut self.compiler.documents),
        };
        Some(step)
    }

    /// A string, or the text of a heredoc on one line.
    fn sentence(&mut self, attribute: &Attribute) -> Option<String> {
        if !matches!(attribute.value, SyntaxExpression::HeredocTemplate(_)) {
            return self.string(attribute);
        }
        let Some(text) = plain(&self.compiler.expression(&attribute.value)) else {
            let name = attribute.key.as_str();
            let span = attribute.value.span().unwrap_or_default();
            let message = format!("`{name}` is not plain text");
            let help = "write `$${` for `${` and `%%{` for `%{`";
            self.compiler.problem_with_help(span, message, help);
            return None;
        };
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn folder(&mut self) -> Option<StepFolder> {
        let path = &self.compiler.file.path;
        let folder = path.split('/').next().unwrap_or_default();
        let parsed = StepFolder::parse(folder);
        if parsed.is_none() {
            let message = format!("`{folder}` is not the name of a step's folder");
            let number = folder.split('_').next().unwrap_or_default();
            let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            let help = if is_number && number.parse::<u32>().map_or(true, |version| version == 0) {
                format!("versions are whole numbers from 1 to {}", u32::MAX)
            } else {
                "a step's folder is its version and its name: `0010_runbook_retention_type`"
                    .to_owned()
            };
            let problem = Problem::of_file(&**path, message).help(help);
            self.compiler.problems.push(problem);
        }
        parsed
    }

    /// What runs once beside an import.
    fn effect(&mut self, body: &Body) -> Option<String> {
        let mut imports = body
            .blocks()
            .filter(|block| block.has_ident(blocks::IMPORT.name));
        let block = imports.next()?;
        let attribute = block.body.get_attribute("effect")?;
        let effect = self.string(attribute)?;
        if effect.is_empty() || effect.contains(|c: char| c.is_control() || c.is_whitespace()) {
            let message = "the name of an effect has no blanks, and isn't empty";
            self.compiler
                .problem(value_span(&block.body, "effect"), message);
            return None;
        }
        Some(effect)
    }

    fn not_idempotent(&mut self, body: &Body) -> Option<String> {
        if self.flag(body, "idempotent", true) {
            return None;
        }
        match body.get_attribute("reason") {
            Some(attribute) => Some(self.string(attribute).unwrap_or_default()),
            None => {
                self.compiler.problem_with_help(
                    value_span(body, "idempotent"),
                    "a step that isn't idempotent needs a reason",
                    "write `reason = \"...\"`",
                );
                None
            }
        }
    }

    /// How the step says that it is undone; `None` if it doesn't.
    fn reverse(&mut self, body: &Body, action: Option<&Action>) -> Option<Reverse> {
        let mut downs = body.blocks().filter(|block| is_down(block));
        let down = downs.next();
        if let Some(second) = downs.next() {
            let message = "a second `down`: a step is undone in one way";
            self.compiler.problem(block_span(second), message);
        }
        let reason = body.get_attribute("one_way");
        if let (Some(down), Some(_)) = (down, reason) {
            self.compiler.problem_with_help(
                block_span(down),
                "the step says both how it is undone and that it can't be",
                "remove `down` or `one_way`",
            );
        }
        if let Some(down) = down {
            if let Some(label) = down.labels.first() {
                let message = "`down` takes no label";
                self.compiler
                    .problem(label.span().unwrap_or_default(), message);
            }
            if matches!(action, Some(Action::Remove)) {
                return self.bring_back(down).map(Reverse::BringsBack);
            }
            let selection = read_down(down, &mut self.compiler);
            if action.is_some_and(|action| !matches!(action, Action::Modify(_))) {
                self.compiler.problem_with_help(
                    block_span(down),
                    "only `modify` and `remove` need a `down`",
                    "remove it: the other actions are undone without one",
                );
            }
            return Some(Reverse::Written(selection.into()));
        }
        let reason = self.string(reason?)?;
        Some(Reverse::OneWay(reason))
    }

    /// The source from which a remove brings documents back.
    fn bring_back(&mut self, down: &Block) -> Option<BringBack> {
        self.plain_block(down, &blocks::DOWN_OF_REMOVE);
        let help = "write `from = \"history\"` for the branch's last documents, or `content` with the text itself";
        match (
            down.body.get_attribute("from"),
            down.body.get_attribute("content"),
        ) {
            (Some(from), None) if from.value.as_str() == Some("history") => {
                Some(BringBack::History)
            }
            (Some(_), None) => {
                let message = "the only source is \"history\"";
                let span = value_span(&down.body, "from");
                self.compiler.problem_with_help(span, message, help);
                None
            }
            (None, Some(content)) => match plain(&self.compiler.expression(&content.value)) {
                Some(text) => Some(BringBack::Content(text.into())),
                None => {
                    let message = "`content` is not plain text";
                    let help = "write it as a heredoc, with `$${` for `${` and `%%{` for `%{`";
                    let span = value_span(&down.body, "content");
                    self.compiler.problem_with_help(span, message, help);
                    None
                }
            },
            _ => {
                let message = "a remove is undone by `from` or by `content`";
                self.compiler
                    .problem_with_help(block_span(down), message, help);
                None
            }
        }
    }

    /// What the step does, with its span. The first body, if there are several.
    fn action(&mut self, body: &Body) -> Option<(Action, std::ops::Range<usize>)> {
        let mut first = None;
        let bodies = || body.blocks().filter(|block| !is_down(block));
        for (index, block) in bodies().enumerate() {
            let action = self.read_action(block);
            if index > 0 {
                self.compiler.problem_with_help(
                    block_span(block),
                    "a step has one body, and this is a second",
                    "make it a step of its own",
                );
            }
            first = first.or(action.map(|action| (action, block_span(block))));
        }
        if bodies().next().is_none() {
            let help = format!("give it {}", either(actions()));
            self.compiler
                .problem_with_help(0..0, "the step does nothing", help);
        }
        first
    }

    fn read_action(&mut self, block: &Block) -> Option<Action> {
        match block.ident.as_str() {
            "import" => {
                self.plain_block(block, &blocks::IMPORT);
                Some(Action::Import(self.on_existing(&block.body)))
            }
            "modify" => {
                if let Some(label) = block.labels.first() {
                    self.compiler.problem_with_help(
                        label.span().unwrap_or_default(),
                        "`modify` takes no label",
                        "the nodes to change are selected by `in \"path\" { ... }` inside it",
                    );
                }
                let selection = read_modify(block, &mut self.compiler);
                Some(Action::Modify(selection.into()))
            }
            "remove" => {
                self.plain_block(block, &blocks::REMOVE);
                Some(Action::Remove)
            }
            "dialect" => {
                self.plain_block(block, &blocks::DIALECT);
                Some(Action::Dialect)
            }
            "rename" => {
                self.plain_block(block, &blocks::RENAME);
                let from = self.required_string(block, "from")?;
                match PathPattern::parse(&from) {
                    Ok(from) => Some(Action::Rename(from)),
                    Err(message) => {
                        let span = value_span(&block.body, "from");
                        self.compiler.problem(span, message);
                        None
                    }
                }
            }
            other => {
                let help = match nearest(other, actions()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the body of a step is {}", either(actions())),
                };
                let message = format!("unknown step body `{other}`");
                self.compiler
                    .problem_with_help(block_span(block), message, help);
                None
            }
        }
    }

    fn on_existing(&mut self, body: &Body) -> OnExisting {
        match body.get_attribute("on_existing") {
            None => OnExisting::Refuse,
            Some(attribute) => match attribute.value.as_str() {
                Some("keep") => OnExisting::Keep,
                Some("refuse") => OnExisting::Refuse,
                _ => {
                    let span = attribute.value.span().unwrap_or_default();
                    self.compiler
                        .problem(span, "`on_existing` is \"keep\" or \"refuse\"");
                    OnExisting::Refuse
                }
            },
        }
    }
}

fn is_down(block: &Block) -> bool {
    block.has_ident(blocks::DOWN.name)
}

/// The names of the bodies that a step may have.
fn actions() -> impl Iterator<Item = &'static str> {
    blocks::ACTIONS.into_iter().map(|block| block.name)
}

/// A text without expressions in it.
fn plain(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::String(text) => Some(text.clone()),
        ExpressionKind::Template(parts) => parts.iter().map(plain).collect(),
        _ => None,
    }
}
