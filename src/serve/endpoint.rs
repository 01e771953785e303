//! What can be asked, with which parameters.

use serde_json::Value;

/// A question that can be asked.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// The last part of its path.
    pub(crate) name: &'static str,
    /// Whether it writes: its parameters come in a body then.
    pub(crate) writes: bool,
    pub(crate) summary: String,
    pub(crate) parameters: Vec<Parameter>,
    /// The media types that the answer's data can have; the first where no parameter asks for another.
    pub(crate) media_types: Vec<&'static str>,
    /// Whether there is a page for people.
    pub(crate) has_page: bool,
}

/// A parameter of a question.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) help: String,
    pub(crate) kind: ParameterKind,
    pub(crate) required: bool,
    /// Whether it may be given several times.
    pub(crate) repeated: bool,
}

/// What a parameter's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    Text,
    /// A whole number, from the first to the second.
    Number(u32, u32),
    /// `true` or `false`; `?all` is `true` too.
    Flag,
    OneOf(Vec<String>),
    /// JSON of a shape of its own, as a JSON Schema says.
    Json(Value),
}

impl Endpoint {
    pub(crate) fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|it| it.name == name)
    }

    /// What is wrong with these parameters, if anything is.
    pub(super) fn refuse(&self, given: &[(String, String)]) -> Result<(), String> {
        for (place, (name, value)) in given.iter().enumerate() {
            let Some(parameter) = self.parameter(name) else {
                let known: Vec<&str> = self.parameters.iter().map(|it| it.name).collect();
                let help = match crate::text::nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "it takes none".to_owned(),
                    None => format!("it takes {}", crate::text::list(known)),
                };
                let shown = crate::text::visible_line(name);
                return Err(format!(
                    "`{}` has no parameter `{shown}`: {help}",
                    self.name
                ));
            };
            if !parameter.repeated && given[..place].iter().any(|(known, _)| known == name) {
                return Err(format!("`{name}` is given twice, and is one value"));
            }
            parameter.kind.refuse(name, value)?;
        }
        let missing = self.parameters.iter().filter(|it| it.required);
        let missing = missing
            .map(|it| it.name)
            .find(|name| !given.iter().any(|(known, _)| known == name));
        match missing {
            Some(name) => Err(format!("`{}` needs the parameter `{name}`", self.name)),
            None => Ok(()),
        }
    }
}

impl ParameterKind {
    /// What a value of it is in JSON, for messages.
    pub(super) fn called(&self) -> &'static str {
        match self {
            ParameterKind::Text | ParameterKind::OneOf(_) => "a string",
            ParameterKind::Number(..) => "a whole number",
            ParameterKind::Flag => "`true` or `false`",
            ParameterKind::Json(_) => "JSON",
        }
    }

    fn refuse(&self, name: &str, value: &str) -> Result<(), String> {
        match self {
            ParameterKind::Text if value.contains('\0') => {
                Err(format!("`{name}` holds a NUL character"))
            }
            ParameterKind::Text | ParameterKind::Json(_) => Ok(()),
            ParameterKind::Number(least, most) => match value.parse::<u32>() {
                Ok(number) if (least..=most).contains(&&number) => Ok(()),
                _ => Err(format!(
                    "`{name}` must be a whole number from {least} to {most}"
                )),
            },
            ParameterKind::Flag if ["", "true", "false"].contains(&value) => Ok(()),
            ParameterKind::Flag => Err(format!("`{name}` must be `true` or `false`")),
            ParameterKind::OneOf(values) if values.iter().any(|known| known == value) => Ok(()),
            ParameterKind::OneOf(values) => {
                Err(format!("`{name}` must be {}", crate::text::either(values)))
            }
        }
    }
}
