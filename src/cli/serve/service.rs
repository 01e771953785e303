//! What a service answers, and tells of itself.

use std::io::{self, Write as _};
use std::sync::{Arc, PoisonError};

use serde_json::{Value, json};

use super::asked::ASKED;
use super::begun::BegunCommand;
use super::commands::Commands;
use super::media::media_type;
use super::orders;
use super::problems::{no_project, problem};
use super::projects::{expect_repository, expect_store};
use super::tokens;
use crate::cli::failure::Failure;
use crate::serve::{
    Begun, Caller, Endpoint, Mirrored, Problem, Question, Scope, Service, StatusCode, Tls,
};

impl Service for Commands {
    fn projects(&self) -> Vec<String> {
        self.now().by_name.keys().cloned().collect()
    }

    fn caller(&self, secret: Option<&str>) -> Result<Caller, Problem> {
        let projects = self.now();
        let Some(file) = &projects.tokens else {
            return Ok(Caller::anybody());
        };
        let refused = |code: &str, message: &str| {
            Problem::new(StatusCode::UNAUTHORIZED, code, message).with("remedy", "mend".into())
        };
        let Some(secret) = secret else {
            let message = "this service asks for a token: `Authorization: Bearer TOKEN`";
            return Err(refused("token-missing", message));
        };
        let tokens = file.tokens().map_err(|failure| {
            self.log(&json!({"error": failure.message()}).to_string());
            let message = "the file of tokens can't be used; the service's log says why";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "tokens-unusable", message)
        })?;
        let token = tokens::find(&tokens, secret)
            .ok_or_else(|| refused("token-unknown", "this token is unknown, or was revoked"))?;
        let theirs = projects.by_name.iter().filter(|(_, global)| {
            let tenant = global.tenant.as_deref().unwrap_or_default();
            tenant == token.tenant
        });
        let scopes = Scope::ALL.into_iter();
        Ok(Caller {
            token: Some(token.name.clone()),
            scopes: scopes
                .filter(|scope| token.scopes.contains(scope.name()))
                .collect(),
            projects: Some(Arc::new(theirs.map(|(name, _)| name.clone()).collect())),
        })
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    fn media_type(&self, endpoint: usize, parameters: &[(String, String)]) -> &'static str {
        let value = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let asked = &ASKED[endpoint];
        let csv = value("csv").is_some_and(|csv| csv != "false");
        media_type(asked.command, asked.is_document, value("as"), csv)
    }

    fn begin<'s>(&'s self, question: &'s Question) -> Box<dyn Begun + 's> {
        Box::new(BegunCommand::new(self, question))
    }

    fn remote(&self, project: &str) -> Option<String> {
        let projects = self.now();
        let remote = projects.remotes.get(project)?;
        Some(remote.mirror.url().to_string())
    }

    fn refresh(&self, project: &str) -> Result<(), Problem> {
        match self.now().remotes.get(project) {
            Some(remote) => {
                let fetched = remote.mirror.fetch().map_err(Failure::from);
                fetched.map_err(|failure| problem(&failure, None))
            }
            None => Ok(()),
        }
    }

    fn mirrored(&self, project: &str) -> Option<Mirrored> {
        let projects = self.now();
        let remote = projects.remotes.get(project)?;
        Some(Mirrored {
            seconds: remote.age(),
            warning: remote.warning(),
        })
    }

    fn expects_notices(&self, project: &str) -> Result<(), Problem> {
        let projects = self.now();
        let remote = projects.remotes.get(project);
        match remote.and_then(|remote| remote.webhook.as_ref()) {
            Some(_) => Ok(()),
            None => Err(no_project(project)),
        }
    }

    fn notice(
        &self,
        project: &str,
        header: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Result<(), Problem> {
        let projects = self.now();
        let remote = projects.remotes.get(project);
        let Some((remote, webhook)) = remote.and_then(|it| Some((it, it.webhook.as_ref()?))) else {
            return Err(no_project(project));
        };
        if !webhook.is_signed(header, body) {
            let message = "this notice isn't signed with the secret of this project's webhook";
            return Err(
                Problem::new(StatusCode::FORBIDDEN, "signature-wrong", message)
                    .with("remedy", "mend".into()),
            );
        }
        self.remotes.wake(remote);
        Ok(())
    }

    fn ready(&self) -> Result<Vec<String>, String> {
        let projects = self.now();
        for (name, global) in &projects.by_name {
            // Who asks for this has no token.
            let name = if projects.tokens.is_some() {
                "a project"
            } else {
                name
            };
            if expect_repository(global).is_err() {
                return Err(format!("the repository of {name} isn't there"));
            }
            if expect_store(global).is_err() {
                return Err(format!("the store of {name} can't be read"));
            }
        }
        let no_tokens = match projects.has_tokens() {
            Ok(true) => None,
            Ok(false) => Some("there are no tokens, so that nobody can ask".to_owned()),
            Err(_) => return Err("the file of tokens can't be used, so that nobody can ask".into()),
        };
        // What was fetched can be read.
        let failing = projects.remotes.iter().filter_map(|(name, remote)| {
            let warning = remote.warning()?;
            Some(match projects.tokens {
                Some(_) => "the remote of a project can't be fetched".to_owned(),
                None => format!("{name}: {warning}"),
            })
        });
        Ok(failing.chain(no_tokens).collect())
    }

    fn gauges(&self) -> Vec<(&'static str, &'static str, u64)> {
        let projects = self.now();
        let served = projects
            .by_name
            .values()
            .filter_map(|it| it.served.as_ref());
        let stats = served.map(|served| served.project.cache_stats());
        let shared = projects.cache.stats();
        let (mut objects, mut bytes) = (0, shared.migrations.bytes + shared.originals.bytes);
        for stats in stats {
            objects += stats.objects_read;
            bytes += stats.layouts.bytes;
        }
        let mut gauges = vec![
            (
                "ocl_migrate_documents_cached",
                "Migrated documents that the cache had.",
                shared.migrations.hits,
            ),
            (
                "ocl_migrate_documents_migrated",
                "Documents that were migrated.",
                shared.migrations.misses,
            ),
            (
                "ocl_migrate_documents_bytes",
                "Bytes of the documents that are cached, and of where they lie.",
                bytes,
            ),
            (
                "ocl_migrate_git_objects_read",
                "Objects looked up in Git.",
                objects,
            ),
        ];
        gauges.extend(self.remotes.gauges());
        gauges
    }

    fn is_writable(&self, project: &str) -> bool {
        self.now().writable.contains(project)
    }

    fn audited(&self, endpoint: &Endpoint, parameters: &[(String, String)]) -> Value {
        orders::audited(endpoint, parameters)
    }

    fn doubled_name(&self, json: &str) -> Option<String> {
        crate::ocl::doubled_json_name(json).map(|doubled| doubled.to_string())
    }

    fn tls(&self) -> Option<Tls> {
        self.now().tls.clone()
    }

    fn reload(&self) {
        let Some(again) = &self.again else {
            return;
        };
        let line = match again() {
            Ok((mut projects, waiting)) => {
                self.remotes.serve(projects.remotes.values());
                let mut now = self
                    .projects
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                // Connections are encrypted or not from the start on.
                if projects.tls.is_some() != now.tls.is_some() {
                    projects.tls = now.tls.clone();
                }
                if now.tokens.is_some() && projects.tokens.is_none() {
                    projects.warnings.push(
                        "tokens are no longer asked for: whoever can connect to this machine's loopback may ask, and write where \
                         `writable = true`"
                            .to_owned(),
                    );
                }
                let mut line = json!({
                    "event": "reloaded", "projects": projects.by_name.keys().collect::<Vec<_>>(),
                    "needs_restart": !waiting.is_empty(),
                });
                if !waiting.is_empty() {
                    line["waits_for_restart"] = waiting.into();
                }
                if !projects.warnings.is_empty() {
                    line["warnings"] = projects.warnings.clone().into();
                }
                *now = Arc::new(projects);
                line
            }
            Err(failure) => json!({"event": "not-reloaded", "error": failure.message()}),
        };
        self.log(&line.to_string());
    }

    fn log(&self, line: &str) {
        // A closed stderr is not an error. One write: it isn't buffered.
        let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
    }
}
