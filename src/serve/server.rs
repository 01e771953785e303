//! The process: connections, and a clean stop.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;

use super::guard::Guard;
use super::limits::{HEAD_BYTES, HEADERS, Limits, REFRESHES, REMOTE_WRITES, SEND_BYTES};
use super::respond::Responder;
use super::service::Service;
use super::signals::Signals;
use super::stalled::Stalling;
use super::tls::Tls;
use super::trace::now;

/// Threads that read requests and write responses.
const WORKERS: usize = 2;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

/// A service that begins.
pub(crate) struct Starting {
    runtime: tokio::runtime::Runtime,
    limits: Limits,
    signals: Signals,
}

/// A service at an address.
pub(crate) struct Server {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
    hosts: Vec<String>,
    limits: Limits,
    signals: Signals,
}

/// How a service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// All requests ended.
    Clean,
    /// So many connections had not ended in time.
    Hanging(usize),
}

impl Starting {
    /// Listens to signals: from now on SIGTERM and SIGINT stop it, and SIGHUP reloads it once it serves, if it can be.
    pub(crate) fn new(limits: Limits, can_reload: bool) -> io::Result<Starting> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .max_blocking_threads(limits.connections + limits.answers + REMOTE_WRITES + REFRESHES)
            .enable_all()
            .build()?;
        let signals = runtime.block_on(async { Signals::new(can_reload) })?;
        Ok(Starting {
            runtime,
            limits,
            signals,
        })
    }

    /// Does on another thread what comes before. None: the process was told to stop meanwhile, and that is left to itself.
    pub(crate) fn after<T: Send + 'static>(
        mut self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<(Starting, T)> {
        let stop = &mut self.signals.stop;
        let done = self.runtime.block_on(async {
            tokio::select! {
                done = tokio::task::spawn_blocking(work) => Some(done),
                () = stop.wait() => None,
            }
        });
        match done {
            Some(Ok(done)) => Some((self, done)),
            Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
            None => {
                self.runtime.shutdown_background();
                None
            }
        }
    }

    /// Listens at an address, where port 0 is any that is free. `hosts` are names under which it is asked, beside its own.
    pub(crate) fn listen(self, address: SocketAddr, hosts: Vec<String>) -> io::Result<Server> {
        let Starting {
            runtime,
            limits,
            signals,
        } = self;
        let listener = runtime.block_on(async { listen(address) })?;
        let address = listener.local_addr()?;
        Ok(Server {
            runtime,
            listener,
            address,
            hosts,
            limits,
            signals,
        })
    }
}

impl Server {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process is told to stop, by SIGTERM or SIGINT. Finishes what runs by then.
    pub(crate) fn run(self, service: Arc<dyn Service>) -> Stopped {
        let Server {
            runtime,
            listener,
            address,
            hosts,
            limits,
            mut signals,
        } = self;
        let guard = Guard::new(address, service.tls().is_some(), &hosts);
        let stopped = runtime.block_on(async {
            tokio::spawn(signals.hangup.reload(service.clone()));
            serve(listener, service, guard, limits, signals.stop.wait()).await
        });
        // An answer that still runs has nobody to go to.
        runtime.shutdown_timeout(Duration::ZERO);
        stopped
    }
}

/// Listens with buffers that a slow client empties soon enough to be told from one that takes nothing.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On Windows it would mean that another program may take the address.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Connections inherit it.
    socket.set_send_buffer_size(SEND_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn serve(
    listener: TcpListener,
    service: Arc<dyn Service>,
    guard: Guard,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Stopped {
    let (stops, stopping) = watch::channel(false);
    let responder = Responder::new(service.clone(), guard, limits.clone(), stopping.clone());
    let responder = Arc::new(responder);
    let served = responder.clone();
    let connections = Arc::new(Semaphore::new(limits.connections));
    let mut stop = pin!(stop);
    loop {
        let free = connections.clone().acquire_owned();
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = async {
                let place = free.await;
                (place, listener.accept().await)
            } => accepted,
        };
        let (place, Ok((stream, _))) = accepted else {
            // Out of descriptors, say: what is open has to close first.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (responder, stopping, limits) = (responder.clone(), stopping.clone(), limits.clone());
        let service = service.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match service.tls() {
                None => connection(stream, responder, stopping, limits).await,
                Some(tls) => {
                    let stream = handshake(stream, &tls, &*service, stopping.clone(), &limits);
                    if let Some(stream) = stream.await {
                        connection(stream, responder, stopping, limits).await;
                    }
                }
            }
            drop(place);
        });
    }
    drop(listener);
    let _ = stops.send(true);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    let ended = async {
        let _all = connections.acquire_many(all).await;
        served.wait_for_writes().await;
    };
    match timeout(limits.stop_time, ended).await {
        Ok(_) => Stopped::Clean,
        Err(_) => Stopped::Hanging(limits.connections - connections.available_permits()),
    }
}

/// The encrypted stream; none where there is no agreement in time, or none any more.
async fn handshake(
    stream: TcpStream,
    tls: &Tls,
    service: &dyn Service,
    mut stopping: watch::Receiver<bool>,
    limits: &Limits,
) -> Option<TlsStream<TcpStream>> {
    let accepted = tokio::select! {
        accepted = timeout(limits.head_time, tls.accept(stream)) => accepted.ok()?,
        () = async { let _ = stopping.wait_for(|stops| *stops).await; } => return None,
    };
    match accepted {
        Ok(stream) => stream,
        // Whoever looks only whether something listens goes away without a word.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            let line = json!({
                "time": now().as_secs_f64(), "event": "tls-failed", "error": error.to_string(),
            });
            service.log(&line.to_string());
            None
        }
        Err(_) => None,
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
    responder: Arc<Responder>,
    mut stopping: watch::Receiver<bool>,
    limits: Limits,
) {
    let stream = Stalling::new(TokioIo::new(stream), limits.stall_time);
    let service = service_fn(move |request| {
        let responder = responder.clone();
        async move { Ok::<_, std::convert::Infallible>(responder.respond(request).await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time)
            .max_headers(HEADERS)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(stream, service)
    );
    // A client that goes away or sends nonsense is its own affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = async { let _ = stopping.wait_for(|stops| *stops).await; } => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
