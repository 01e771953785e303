//! The body of a response.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::sync::mpsc::Receiver;

use super::sink::Part;

/// The body of a response.
pub(super) enum Body {
    Whole(Option<Bytes>),
    Parts(Parts),
}

/// An answer of which more is to come.
pub(super) struct Parts {
    pub(super) first: VecDeque<Bytes>,
    pub(super) rest: Receiver<Part>,
    /// Ends the answer early: when the service stops, for one that may take long.
    pub(super) stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    pub(super) is_over: bool,
}

impl From<String> for Body {
    fn from(text: String) -> Body {
        Body::Whole(Some(text.into()))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Body::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Body::Parts(parts) => parts.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(bytes) => bytes.is_none(),
            Body::Parts(parts) => parts.is_over,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Body::Parts(_) => SizeHint::default(),
        }
    }
}

impl Parts {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if let Some(bytes) = self.first.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if let Some(stop) = &mut self.stop
            && stop.as_mut().poll(context).is_ready()
        {
            self.is_over = true;
            return Poll::Ready(None);
        }
        match self.rest.poll_recv(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Part::Data { bytes, .. })) => {
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Some(Part::Ended(end))) if !end.is_cut => {
                self.is_over = true;
                Poll::Ready(None)
            }
            // Closing the connection is what tells the client that the end is missing.
            Poll::Ready(_) => {
                self.is_over = true;
                Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
            }
        }
    }
}
