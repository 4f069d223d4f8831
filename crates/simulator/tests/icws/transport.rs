//! What real clients send, all of it accepted; and what browsers need.

use reqwest::Method;
use serde_json::json;

use crate::client::{Session, credentials, http, send, start};

#[tokio::test]
async fn the_cookie_is_accepted_in_every_form_that_clients_send() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let name_and_guid = session.cookie.split('|').next().unwrap();
    let forms = [
        session.cookie.clone(),
        format!("{}; Path=/icws/{}; HttpOnly", session.cookie, session.id),
        format!("other=1; {}; more=2", session.cookie),
        name_and_guid.to_owned(),
        session.cookie.replace('|', "%7C"),
        session.cookie.replace('=', "=\"") + "\"",
    ];
    for form in forms {
        let request = http().get(format!("{}/messaging/messages", session.base)).header("Cookie", &form);
        assert_eq!(send(request).await.status, 200, "{form}");
    }
    let stranger = http().get(format!("{}/messaging/messages", session.base)).header("Cookie", "icws_1=x");
    assert_eq!(send(stranger).await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn odd_paths_bodies_and_content_types_are_accepted() {
    let server = start(1).await;
    let url = server.url();
    for path in ["/icws/connection", "//icws//connection/", "/ICWS/Connection", "/api/cic1/icws/connection"] {
        let body = credentials().to_string();
        let request = http().post(format!("{url}{path}")).header("Content-Type", "application/x-www-form-urlencoded");
        assert_eq!(send(request.body(body)).await.status, 201, "{path}");
    }
    let plain = http().post(format!("{url}/icws/connection")).body(credentials().to_string());
    assert_eq!(send(plain).await.status, 201, "no content type");
    let parts = credentials().to_string().into_bytes();
    let parts: Vec<_> = parts.chunks(7).map(|part| Ok::<_, std::io::Error>(part.to_vec())).collect();
    let chunked = reqwest::Body::wrap_stream(futures_util::stream::iter(parts));
    assert_eq!(send(http().post(format!("{url}/icws/connection")).body(chunked)).await.status, 201, "chunked");
    let session = Session::log_on(&server).await;
    let get = session.request(Method::GET, "/status/status-messages").json(&json!({}));
    assert_eq!(send(get).await.status, 200, "a body on GET");
    let delete = session.request(Method::DELETE, "/messaging/subscriptions/queues/q").json(&json!({}));
    assert_eq!(send(delete).await.status, 204, "a body on DELETE");
    server.stop().await;
}

#[tokio::test]
async fn wrong_verbs_are_405_and_unknown_paths_404() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    for (method, path) in [
        (Method::POST, "/connection"),
        (Method::PUT, "/messaging/messages"),
        (Method::GET, "/messaging/heartbeat"),
        (Method::POST, "/status/status-messages"),
        (Method::GET, "/messaging/subscriptions/queues/q"),
        (Method::DELETE, "/configuration/users"),
        (Method::GET, "/licenses"),
    ] {
        let reply = send(session.request(method, path)).await;
        assert_eq!(reply.status, 405, "{path}");
        assert_eq!(reply.json()["errorId"], "error.request.accessDenied.httpMethodNotAllowed");
        assert!(!reply.header("Allow").is_empty());
    }
    assert_eq!(send(http().get(format!("{}/icws/connection", server.url()))).await.status, 405);
    assert_eq!(session.get("/people").await.status, 404);
    assert_eq!(send(http().get(format!("{}/favicon.ico", server.url()))).await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn browsers_of_other_origins_may_read_everything_they_need() {
    let server = start(1).await;
    let preflight = http()
        .request(Method::OPTIONS, format!("{}/icws/1/messaging/messages", server.url()))
        .header("Origin", "https://app.example")
        .header("Access-Control-Request-Method", "PUT")
        .header("Access-Control-Request-Headers", "inin-icws-csrf-token, content-type");
    let preflight = send(preflight).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("Access-Control-Allow-Origin"), "https://app.example");
    assert_eq!(preflight.header("Access-Control-Allow-Credentials"), "true");
    assert!(preflight.header("Access-Control-Allow-Methods").contains("DELETE"));
    assert_eq!(preflight.header("Access-Control-Allow-Headers"), "inin-icws-csrf-token, content-type");
    let version =
        http().get(format!("{}/icws/connection/version", server.url())).header("Origin", "https://app.example");
    let version = send(version).await;
    assert_eq!(version.header("Access-Control-Allow-Origin"), "https://app.example");
    for header in ["ININ-ICWS-Session-ID", "ININ-ICWS-CSRF-Token", "Content-Range", "Location"] {
        assert!(version.header("Access-Control-Expose-Headers").contains(header));
    }
    server.stop().await;
}

#[tokio::test]
async fn heartbeat_licences_and_unknown_sessions_answer_as_documented() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    assert_eq!(send(session.request(Method::POST, "/messaging/heartbeat")).await.status, 204);
    let licences = session.post("/licenses", &json!({"licenseList": ["I3_ACCESS_CLIENT"]})).await.json();
    assert_eq!(
        licences,
        json!({"licenseOperationResultList":
            [{"licenseName": "I3_ACCESS_CLIENT", "isAvailable": true, "licenseStatus": 2, "errorDetails": ""}]})
    );
    assert_eq!(session.delete("/licenses").await.status, 204);
    server.stop().await;
}
