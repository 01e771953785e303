//! From an export to its text.

use super::error::ExportError;
use super::what::{Export, Format};
use super::{check, csv, env, hcl, nested, toml, yaml};

impl Export<'_> {
    /// The text in a format, which ends with a line end unless it is empty.
    ///
    /// # Errors
    /// All that the format can't hold.
    pub fn to_text(&self, format: Format) -> Result<String, Vec<ExportError>> {
        let errors = check::errors(self, format);
        if !errors.is_empty() {
            return Err(errors);
        }
        match format {
            Format::Json => Ok(nested::json(self)),
            Format::Yaml => Ok(yaml::text(self)),
            Format::Toml => Ok(toml::text(self)),
            Format::Hcl => Ok(hcl::text(self)),
            Format::Env => env::text(self),
            Format::Csv => Ok(csv::text(self)),
        }
    }
}
