//! Where a request comes from: the client's address behind trusted proxies, its program, and an id for the log.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;
use ops::Caller;

use super::Http;

/// Puts a [`Caller`] into the request and its trace id into the answer.
pub async fn identify(
    State(http): State<Http>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let caller = Caller {
        address: client_address(peer.ip(), headers, &http.config.trusted_proxies).to_string(),
        user_agent: user_agent(headers),
        trace_id: ops::trace_id(),
    };
    let trace_id = HeaderValue::from_str(&caller.trace_id);
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    if let Ok(trace_id) = trace_id {
        response.headers_mut().insert("x-trace-id", trace_id);
    }
    response
}

/// The rightmost address of X-Forwarded-For that is no trusted proxy, when the peer itself is one.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let lists: Vec<&[u8]> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let hops = lists
        .into_iter()
        .rev()
        .flat_map(|list| list.rsplit(|byte| *byte == b','));
    for hop in hops {
        // What can't be read was not written by a proxy of ours: the last one that could is the client.
        let address = std::str::from_utf8(hop).ok();
        let Some(address) = address.and_then(|text| text.trim().parse::<IpAddr>().ok()) else {
            break;
        };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

fn user_agent(headers: &HeaderMap) -> String {
    let bytes = headers
        .get(header::USER_AGENT)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: Option<&'static str>, trusted: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some(list) = forwarded {
            headers.insert("x-forwarded-for", HeaderValue::from_static(list));
        }
        let trusted: Vec<IpNet> = trusted.iter().filter_map(|net| net.parse().ok()).collect();
        Some(client_address(peer.parse().ok()?, &headers, &trusted).to_string())
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        let seen = address("203.0.113.9", Some("10.1.1.1"), &["127.0.0.0/8"]);
        assert_eq!(seen.as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn a_trusted_proxy_is_believed_for_the_last_hop_only() {
        let seen = address("127.0.0.1", Some("1.1.1.1, 198.51.100.7"), &["127.0.0.0/8"]);
        assert_eq!(seen.as_deref(), Some("198.51.100.7"));
    }

    #[test]
    fn trusted_proxies_in_a_row_are_skipped() {
        let seen = address(
            "127.0.0.1",
            Some("198.51.100.7, 10.0.0.2"),
            &["127.0.0.0/8", "10.0.0.0/8"],
        );
        assert_eq!(seen.as_deref(), Some("198.51.100.7"));
    }

    #[test]
    fn bytes_that_are_no_text_end_the_list_and_not_more() {
        let mut headers = HeaderMap::new();
        let trusted: Vec<IpNet> = ["127.0.0.0/8", "10.0.0.0/8"]
            .iter()
            .filter_map(|net| net.parse().ok())
            .collect();
        let peer = IpAddr::from([127, 0, 0, 1]);
        for (list, expected) in [
            (&b"\xff, 198.51.100.7"[..], "198.51.100.7"),
            (b"198.51.100.7, \xff, 10.0.0.2", "10.0.0.2"),
            (b"\xff", "127.0.0.1"),
        ] {
            if let Ok(value) = HeaderValue::from_bytes(list) {
                headers.insert("x-forwarded-for", value);
            }
            assert_eq!(
                client_address(peer, &headers, &trusted).to_string(),
                expected
            );
        }
    }

    #[test]
    fn rubbish_ends_the_list() {
        let seen = address(
            "127.0.0.1",
            Some("198.51.100.7, <script>"),
            &["127.0.0.0/8"],
        );
        assert_eq!(seen.as_deref(), Some("127.0.0.1"));
    }
}
