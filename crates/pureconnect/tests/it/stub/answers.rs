//! Answers to single requests, with the documentation's statuses, headers and bodies.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::Method;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{Request, Session, State};

pub enum Answer {
    Done(Response),
    /// The stream of this session.
    Stream(String),
    /// None, ever.
    Nothing,
}

const MEDIA_TYPE: &str = "application/vnd.inin.icws+JSON;charset=utf-8";

/// Around a real token's length, with the characters of base64; each session has its own.
fn token(session: &str) -> String {
    format!("WAhsaW5lYWRtaW4SUHJlc2VuY2UgQnJpZGdl/+secret-token{session}==")
}

fn cookie(session: &str) -> String {
    format!("icws_{session}=b9ff8b8d-secret-cookie-{session}")
}

fn done(status: u16, body: &Value) -> Answer {
    raw(status, &if body.is_null() { String::new() } else { body.to_string() })
}

fn raw(status: u16, body: &str) -> Answer {
    let response = Response::builder().status(status).header("Content-Type", MEDIA_TYPE);
    Answer::Done(response.body(Body::from(body.to_owned())).unwrap())
}

/// A page with a user whom nobody has seen, out of very many.
fn one_more(request: &Request) -> Answer {
    let (first, _) = request.headers["range"].to_str().unwrap().trim_start_matches("items=").split_once('-').unwrap();
    let response = Response::builder().header("Content-Range", format!("items {first}-{first}/1000000000"));
    let body = json!({"items": [super::user(&format!("user{first}"), "", &[])]}).to_string();
    Answer::Done(response.body(Body::from(body)).unwrap())
}

fn error(status: u16, id: &str, code: i64, message: &str) -> Answer {
    done(status, &json!({"errorId": id, "errorCode": code, "message": message}))
}

impl State {
    pub fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.split('?').next().unwrap_or_default().to_owned();
        match path.as_str() {
            "/icws/connection/version" => return raw(self.version.0, &self.version.1),
            "/icws/connection/server-time" => return done(200, &self.server_time()),
            "/icws/connection" => return self.log_on(request),
            _ => {}
        }
        let Some((session, rest)) = path.strip_prefix("/icws/").and_then(|rest| rest.split_once('/')) else {
            return error(404, "-2147221496", 0, "not found");
        };
        if let Some(refused) = self.unauthorized(request, session, rest) {
            return refused;
        }
        for (start, status, times) in &mut self.refused {
            if rest.starts_with(*start) && *times > 0 {
                *times -= 1;
                if *status == 503 && !self.detour.is_empty() {
                    let id = "error.server.notAcceptingConnections";
                    return done(503, &json!({"errorId": id, "message": "no", "alternateHostList": self.detour}));
                }
                return error(*status, "error.request.accessDenied", 0, "no");
            }
        }
        self.answer_in_session(request, session, rest)
    }

    fn log_on(&mut self, request: &Request) -> Answer {
        if let Some(alternates) = self.closed.get(&request.host) {
            let mut body = json!({"errorId": "error.server.notAcceptingConnections",
                "message": "This Session Manager is not currently accepting connections."});
            if let Some(list) = alternates {
                body["alternateHostList"] = json!(list);
            }
            return done(503, &body);
        }
        if let Some((status, body)) = &self.turned_away {
            return done(*status, body);
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        if body["__type"] != "urn:inin.com:connection:icAuthConnectionRequestSettings"
            || !body["applicationName"].is_string()
            || !request.headers.contains_key("accept-language")
        {
            return error(400, "error.request.invalidRepresentation.invalidProperty", 0, "incomplete");
        }
        if body["userID"] != "bridge" || body["password"] != self.password {
            let id = "error.request.connection.authenticationFailure";
            return error(400, id, -2_147_221_503, "The authentication process failed.");
        }
        let id = self.next_session.to_string();
        self.next_session += 1;
        self.sessions.insert(id.clone(), Session::default());
        let body = json!({"csrfToken": token(&id), "sessionId": id, "alternateHostList": self.alternates,
            "userID": "bridge", "userDisplayName": "Bridge", "icServer": "CIC1",
            "version": serde_json::from_str::<Value>(&self.version.1).unwrap(),
            "features": [{"featureId": "status", "version": 1}, {"featureId": "messaging", "version": self.messaging}],
            "serverTimeInfo": self.server_time()});
        let response = Response::builder()
            .status(201)
            .header("Content-Type", MEDIA_TYPE)
            .header("Location", format!("/icws/{id}/connection"))
            .header("ININ-ICWS-Session-ID", &id)
            .header("ININ-ICWS-CSRF-Token", token(&id))
            .header("Set-Cookie", format!("{}|languageId=en-us; Path=/icws/{id}; HttpOnly", cookie(&id)));
        Answer::Done(response.body(Body::from(body.to_string())).unwrap())
    }

    fn server_time(&self) -> Value {
        let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(self.clock_ahead);
        json!({"serverUtcTime": now.strftime("%Y%m%dT%H%M%SZ").to_string()})
    }

    fn unauthorized(&self, request: &Request, session: &str, rest: &str) -> Option<Answer> {
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !self.sessions.contains_key(session) {
            return Some(error(401, "error.request.connection.authenticationFailure", 1, "needs a session"));
        }
        if !header("cookie").contains(&cookie(session)) {
            return Some(error(401, "error", 4, "no cookie"));
        }
        if rest != "messaging/messages" && header("inin-icws-csrf-token") != token(session) {
            return Some(error(401, "error", 2, "no token"));
        }
        None
    }

    fn answer_in_session(&mut self, request: &Request, session: &str, rest: &str) -> Answer {
        match (&request.method, rest) {
            (&Method::DELETE, "connection") => {
                self.sessions.remove(session);
                done(200, &Value::Null)
            }
            (&Method::GET, "messaging/messages") => {
                if self.hanging {
                    let first = stream::iter([Ok::<_, Infallible>("[")]).chain(stream::pending());
                    return Answer::Done(Response::new(Body::from_stream(first)));
                }
                let accept = request.headers["accept"].to_str().unwrap();
                if accept == "text/event-stream" && self.messaging >= 2 {
                    return Answer::Stream(session.to_owned());
                }
                let outbox = self.sessions.get_mut(session).unwrap().outbox.drain(..);
                raw(200, &format!("[{}]", outbox.collect::<Vec<_>>().join(",")))
            }
            (&Method::POST, "messaging/heartbeat") => done(204, &Value::Null),
            (&Method::GET, "status/status-messages") => done(200, &json!({"statusMessageList": self.catalogue})),
            (&Method::GET, "configuration/users") if self.endless => one_more(request),
            (&Method::GET, "configuration/users") => self.user_page(request),
            (&Method::GET, "configuration/workgroups") => self.page(request, &self.workgroups),
            (&Method::GET, rest) if rest.starts_with("configuration/feature-licenses/") => {
                done(200, &json!({"configurationId": {"id": "x", "displayName": "x", "uri": "x"}}))
            }
            (&Method::PUT, rest) if rest.starts_with("messaging/subscriptions/") => {
                self.subscribe(session, rest.trim_start_matches("messaging/subscriptions/"), &request.body)
            }
            (&Method::DELETE, rest) if rest.starts_with("messaging/subscriptions/") => done(204, &Value::Null),
            _ => error(404, "-2147221496", 0, "not found"),
        }
    }

    fn user_page(&mut self, request: &Request) -> Answer {
        let Some(overlooked) = self.overlooked else {
            return self.page(request, &self.users);
        };
        let users: Vec<_> =
            self.users.iter().filter(|user| user["configurationId"]["id"] != overlooked).cloned().collect();
        let is_last = request.headers["range"].to_str().unwrap().starts_with(&format!("items={}-", users.len() - 1));
        if is_last {
            self.overlooked = None;
        }
        self.page(request, &users)
    }

    fn page(&self, request: &Request, all: &[Value]) -> Answer {
        let range = request.headers["range"].to_str().unwrap().trim_start_matches("items=");
        let (first, last) = range.split_once('-').unwrap();
        let first: usize = first.parse().unwrap();
        let last = last.parse::<usize>().unwrap().min(first + self.page - 1);
        let items: Vec<_> = all.iter().skip(first).take(last + 1 - first).cloned().collect();
        let mut response = Response::builder().status(200).header("Content-Type", MEDIA_TYPE);
        if self.content_range && !items.is_empty() {
            let range = format!("items {first}-{}/{}", first + items.len() - 1, all.len());
            response = response.header("Content-Range", range);
        }
        Answer::Done(response.body(Body::from(json!({"items": items}).to_string())).unwrap())
    }

    fn subscribe(&mut self, session: &str, what: &str, body: &str) -> Answer {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let names = |list: &Value, key: &str| -> Vec<String> {
            let all = list.as_array().cloned().unwrap_or_default();
            all.iter().map(|item| item.as_str().or(item[key].as_str()).unwrap().to_owned()).collect()
        };
        let watched = match what {
            "status/user-statuses" => names(&body["userIds"], ""),
            _ => names(&body["queueIds"], "queueName"),
        };
        if watched.iter().any(|user| self.hidden.contains(&user.as_str())) {
            return error(404, "-2147221496", 0, "no such user");
        }
        if !self.answers_subscriptions {
            return done(200, &Value::Null);
        }
        let messages = self.reported(what, &watched);
        let session = self.sessions.get_mut(session).unwrap();
        if let Some(id) = what.strip_prefix("queues/") {
            session.queues.insert(id.to_owned(), watched);
        }
        session.outbox.extend(messages.iter().map(ToString::to_string));
        done(200, &Value::Null)
    }
}
