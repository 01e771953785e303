//! The description of the service for programs, as OpenAPI 3.1: made from the endpoints that questions are checked against.

use serde_json::{Map, Value, json};

use super::endpoint::{Endpoint, Parameter, ParameterKind};
use super::service::LINES;

/// The description.
pub(crate) fn openapi(title: &str, version: &str, endpoints: &[Endpoint]) -> Value {
    let mut paths = Map::new();
    for endpoint in endpoints {
        let path = format!("/v1/projects/{{project}}/{}", endpoint.name);
        let mut item = json!({ "get": operation(endpoint) });
        item["parameters"] = json!([{
            "name": "project", "in": "path", "required": true, "schema": {"type": "string"},
            "description": "A project of `/v1/projects`",
        }]);
        paths.insert(path, item);
    }
    let plain = |summary: &str, media: &str| json!({"get": {"summary": summary, "responses": {"200": {"description": "", "content": {media: {}}}}}});
    paths.insert(
        "/v1/projects".into(),
        plain("The projects", "application/json"),
    );
    paths.insert(
        "/healthz".into(),
        plain("Whether the process runs", "text/plain"),
    );
    paths.insert(
        "/readyz".into(),
        plain("Whether questions can be answered", "text/plain"),
    );
    paths.insert(
        "/metrics".into(),
        plain("Metrics, as Prometheus reads them", "text/plain"),
    );
    json!({
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": {
                "Document": {
                    "type": "object",
                    "description": "A document, or a line, as the command of the same name prints it with `--format json`: see docs/json.md",
                    "properties": {"format_version": {"const": 1}},
                    "required": ["format_version"],
                },
                "Problem": problem(),
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
    let document = json!({"$ref": "#/components/schemas/Document"});
    let media = if endpoint.is_document {
        "application/json"
    } else {
        LINES
    };
    let mut content = json!({
        media: {"schema": document},
        "text/event-stream": {"schema": {"type": "string"}},
    });
    if endpoint.has_page {
        content["text/html"] = json!({"schema": {"type": "string"}});
    }
    let answered = json!({
        "description": "The answer",
        "headers": {
            "Ocl-Migrate-Exit-Code": {
                "description": "How the command would end", "schema": {"type": "integer"},
            },
            "ETag": {"schema": {"type": "string"}},
        },
        "content": content,
    });
    let parameters = endpoint.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name, "in": "query", "required": parameter.required,
            "description": parameter.help, "schema": schema(parameter),
        })
    });
    json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": parameters.collect::<Vec<Value>>(),
        "responses": {
            "200": answered,
            "304": {"description": "The answer is what the client has"},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    })
}

fn schema(parameter: &Parameter) -> Value {
    let one = match &parameter.kind {
        ParameterKind::Text => json!({"type": "string"}),
        ParameterKind::Number(least, most) => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        ParameterKind::Flag => json!({"type": "boolean"}),
        ParameterKind::OneOf(values) => json!({"enum": values}),
    };
    if parameter.repeated {
        json!({"type": "array", "items": one})
    } else {
        one
    }
}
