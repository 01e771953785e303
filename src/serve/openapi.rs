//! The description of the service for programs, as OpenAPI 3.1: made from the endpoints that questions are checked against.

use serde_json::{Map, Value, json};

use super::endpoint::{Endpoint, Parameter, ParameterKind};
use super::service::LINES;

const EXIT_CODE: &str = "Ocl-Migrate-Exit-Code";
const TOLD: &str = "Ocl-Migrate-Told";
const PLAIN: &str = "text/plain; charset=utf-8";
const PAGE: &str = "text/html; charset=utf-8";

/// The description.
pub(crate) fn openapi(title: &str, version: &str, endpoints: &[Endpoint]) -> Value {
    let mut paths = Map::new();
    for endpoint in endpoints {
        let path = format!("/v1/projects/{{project}}/{}", endpoint.name);
        let mut item = if endpoint.writes {
            json!({"post": writing(endpoint)})
        } else {
            json!({"get": operation(endpoint)})
        };
        item["parameters"] = project_parameter();
        paths.insert(path, item);
    }
    let plain = |summary: &str, media: &str| {
        json!({"get": {"summary": summary, "responses": {
            "200": {"description": "The answer", "content": {media: {}}},
            "default": {"$ref": "#/components/responses/Problem"},
        }}})
    };
    let mut projects = plain("The projects", "application/json");
    projects["get"]["responses"]["200"]["content"][PAGE] = json!({"schema": {"type": "string"}});
    paths.insert("/v1/projects".into(), projects);
    let mut index = plain("The page of a project's refs, or of one ref", PAGE);
    index["parameters"] = project_parameter();
    index["get"]["parameters"] = json!([{
        "name": "ref", "in": "query", "schema": {"type": "string"}, "description": "A branch, a tag or a commit",
    }]);
    paths.insert("/v1/projects/{project}/".into(), index);
    paths.insert("/healthz".into(), plain("Whether the process runs", PLAIN));
    paths.insert(
        "/readyz".into(),
        plain("Whether questions can be answered", PLAIN),
    );
    paths.insert(
        "/metrics".into(),
        plain("Metrics, as Prometheus reads them", PLAIN),
    );
    json!({
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        // A service without tokens asks for none.
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Document": {
                    "type": "object",
                    "description": "A document, or a line, as the command of the same name prints it with `--format json`: see docs/json.md",
                    "properties": {"format_version": {"const": 1}},
                    "required": ["format_version"],
                },
                "Problem": problem(),
            },
            "headers": {
                EXIT_CODE: {
                    "description": "How the command would end; left out where the answer is long", "schema": {"type": "integer"},
                },
                TOLD: {
                    "description": "Warnings, notes and hints: a list, as JSON; left out where there are none, or the answer is long",
                    "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}},
                },
                "ETag": {
                    "description": "The answer's validator, for `If-None-Match`; left out where the answer is long",
                    "schema": {"type": "string"},
                },
            },
            "responses": {
                "Problem": {
                    "description": "Why there is no answer (RFC 9457)",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                },
            },
        },
    })
}

fn project_parameter() -> Value {
    json!([{
        "name": "project", "in": "path", "required": true, "schema": {"type": "string"},
        "description": "A project of `/v1/projects`",
    }])
}

fn problem() -> Value {
    json!({
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "For people; may change at any time"},
            "code": {"type": "string", "description": "Which error it is: a word that never changes"},
            "remedy": {"enum": ["mend", "load_again", "check_outcome", "upgrade_server", "report_bug"]},
            "hint": {"type": "string"},
            "places": {"type": "array", "items": {"type": "object"}},
            "exit_code": {"type": "integer"},
        },
        "required": ["type", "title", "status", "detail", "code"],
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let answered = json!({
        "description": "The answer",
        "headers": headers(&[EXIT_CODE, TOLD, "ETag"]),
        "content": content(endpoint),
    });
    let parameters = endpoint.parameters.iter().map(|parameter| {
        let mut described = json!({
            "name": parameter.name, "in": "query", "required": parameter.required,
            "description": parameter.help, "schema": schema(parameter),
        });
        if parameter.kind == ParameterKind::Flag {
            described["allowEmptyValue"] = true.into();
        }
        described
    });
    json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": parameters.collect::<Vec<Value>>(),
        "responses": {
            "200": answered,
            "304": {"description": "The answer is what the client has", "headers": headers(&["ETag"])},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    })
}

/// An operation that writes.
fn writing(endpoint: &Endpoint) -> Value {
    let properties = endpoint.parameters.iter().map(|parameter| {
        let mut schema = schema(parameter);
        schema["description"] = parameter.help.clone().into();
        (parameter.name.to_owned(), schema)
    });
    let properties: Map<String, Value> = properties.collect();
    let required = endpoint.parameters.iter().filter(|it| it.required);
    let required: Vec<&str> = required.map(|it| it.name).collect();
    let header = |name: &str, description: &str| json!({"name": name, "in": "header", "schema": {"type": "string"}, "description": description});
    let problem = json!({"$ref": "#/components/responses/Problem"});
    json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": [
            header("If-Match", "The branch's commit, in double quotes, as it was read: needed where something is written"),
            header("If-None-Match", "`*`, in its place, for a branch that must not exist"),
            header("Idempotency-Key", "A name of this request: sent again, it is answered as before"),
        ],
        "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": {
                "type": "object", "properties": properties, "required": required, "additionalProperties": false,
            }}},
        },
        "responses": {
            "200": {
                "description": "What was written, or would be",
                "headers": headers(&[EXIT_CODE, TOLD]),
                "content": content(endpoint),
            },
            "409": problem, "412": problem, "422": problem, "428": problem,
            "default": problem,
        },
    })
}

/// The forms of an answer, by media type.
fn content(endpoint: &Endpoint) -> Value {
    let text = json!({"schema": {"type": "string"}});
    let mut content = Map::new();
    for (place, media) in endpoint.media_types.iter().enumerate() {
        let is_contract = place == 0 && (*media == LINES || *media == "application/json");
        let schema = match *media {
            _ if is_contract => json!({"schema": {"$ref": "#/components/schemas/Document"}}),
            media if media.ends_with("json") => json!({"schema": {}}),
            _ => text.clone(),
        };
        content.insert((*media).to_owned(), schema);
    }
    if !endpoint.writes {
        content.insert("text/event-stream".into(), text.clone());
    }
    if endpoint.has_page {
        content.insert(PAGE.into(), text);
    }
    Value::Object(content)
}

fn headers(names: &[&str]) -> Value {
    let headers = names.iter().map(|name| {
        let reference = json!({"$ref": format!("#/components/headers/{name}")});
        ((*name).to_owned(), reference)
    });
    Value::Object(headers.collect())
}

fn schema(parameter: &Parameter) -> Value {
    let one = match &parameter.kind {
        ParameterKind::Text => json!({"type": "string"}),
        ParameterKind::Number(least, most) => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        ParameterKind::Flag => json!({"type": "boolean"}),
        ParameterKind::OneOf(values) => json!({"enum": values}),
        ParameterKind::Json(schema) => schema.clone(),
    };
    if parameter.repeated {
        json!({"type": "array", "items": one})
    } else {
        one
    }
}
