//! HTTP/1.1 in front of a [`Service`]: routes, limits, validators, errors as problems, metrics, and a clean stop.
//!
//! What a question means, and its answer, are the service's: nothing here knows of repositories. The asynchronous part reads
//! requests and writes responses; answers are made on blocking threads, so many at once and no more, and what they write goes
//! through a bounded channel. A thread that waits for a slow client lends its place to another.

mod accept;
mod answer;
mod audit;
mod body;
mod caller;
mod endpoint;
mod etag;
mod form;
mod fresh;
mod given_up;
mod guard;
mod kept;
mod limits;
mod metrics;
mod openapi;
mod order;
mod page;
mod problem;
mod question;
mod remembered;
mod request;
mod respond;
mod response;
mod server;
mod service;
mod shares;
mod signals;
mod sink;
mod stalled;
mod tls;
mod trace;
mod write;

/// The status of a response.
pub(crate) use hyper::StatusCode;

pub(crate) use caller::{Caller, Scope};
pub(crate) use endpoint::{Endpoint, Parameter, ParameterKind};
pub(crate) use fresh::FRESH;
pub(crate) use given_up::IsGivenUp;
pub(crate) use limits::Limits;
pub(crate) use page::{AfterForm, PageInfo, PageQuestion, Pages};
pub(crate) use problem::Problem;
pub(crate) use question::{Ended, Expected, Form, Question};
pub(crate) use server::{Starting, Stopped};
pub(crate) use service::{Begun, LINES, Mirrored, Service};
pub(crate) use sink::Sink;
pub(crate) use tls::{Tls, TlsError};
