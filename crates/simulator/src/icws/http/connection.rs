//! `/icws/connection` and `/icws/{sid}/connection`: version, features, logon, the session itself, its station.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use domain::ids::AgentId;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::answer::Answer;
use super::request::{Request, text};
use crate::icws::world::user::compact;
use crate::icws::world::{AuthToken, World};

/// How long a token for another session is good.
const TOKEN_LIFE: Duration = Duration::from_secs(7);
/// First-level resources, with the newest version that they have in the release this server is like.
const FEATURES: [(&str, u32); 14] = [
    ("activations", 1),
    ("alerts", 1),
    ("configuration", 7),
    ("connection", 11),
    ("directories", 1),
    ("interactions", 10),
    ("licenses", 1),
    ("messaging", 2),
    ("queues", 2),
    ("session", 1),
    ("statistics", 1),
    ("status", 1),
    ("system", 1),
    ("unified-messaging", 1),
];

/// Refuses a request whose session, cookie or CSRF token is not right, in the order in which real servers look.
pub(super) fn authenticate(world: &mut World, request: &Request, id: &str, polls: bool) -> Result<(), Answer> {
    let Some(session) = world.sessions.get_mut(id) else {
        return Err(Answer::unauthorized(None, 1, "This request requires a session ID!"));
    };
    // A poll may still fetch why its session is over.
    if session.ended().is_some() && !(polls && session.has_messages()) {
        return Err(Answer::injected(401, &[]));
    }
    if !request.has_cookie(id, &session.keys.cookie) {
        return Err(Answer::unauthorized(None, 4, "A session cookie was expected in the request, but not found."));
    }
    if !polls && request.header("ININ-ICWS-CSRF-Token") != Some(session.keys.csrf.as_str()) {
        let message = "An authentication token was expected in the request, but not found.";
        return Err(Answer::unauthorized(None, 2, message));
    }
    session.seen = Instant::now();
    Ok(())
}

/// `GET connection` also answers for a session that is over.
pub(super) fn of_former_session(world: &World, request: &Request, id: &str, words: &[&str]) -> Option<Answer> {
    let reason = world.sessions.get(id)?.ended()?;
    (words == ["connection"] && request.method == Method::GET)
        .then(|| Answer::ok(&json!({"connectionState": 2, "reason": reason, "shouldReconnect": true})))
}

/// The resources that need no session.
pub(super) fn without_session(world: &mut World, request: &Request, rest: &[String]) -> Result<Answer, Answer> {
    match rest {
        [] if request.method == Method::POST => log_on(world, request),
        [] => Err(Answer::wrong_verb("POST")),
        _ => information(world, request, rest, "en-us"),
    }
}

/// Version, features, server information and time: with and without a session.
fn information(world: &World, request: &Request, rest: &[String], language: &str) -> Result<Answer, Answer> {
    let words: Vec<String> = rest.iter().map(|word| word.to_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let value = match words.as_slice() {
        ["version"] => version(world),
        ["features"] => json!({"featureInfoList": features(world)}),
        ["features", id] => {
            let known = features(world).into_iter().find(|feature| feature["featureId"] == **id);
            let id = "error.request.unsupported";
            known.ok_or_else(|| Answer::error(StatusCode::BAD_REQUEST, Some(id), None, "The feature is not known."))?
        }
        ["server-info"] => server_info(request, language),
        ["server-time"] => json!({"serverUtcTime": compact(world.now())}),
        _ => return Err(Answer::not_found()),
    };
    if request.method == Method::GET { Ok(Answer::ok(&value)) } else { Err(Answer::wrong_verb("GET")) }
}

fn version(world: &World) -> Value {
    let (major, minor) = world.setup.release;
    let year = 2000 + major;
    json!({"majorVersion": major.to_string(), "minorVersion": minor.to_string(), "su": "4",
        "build": format!("{major}.{minor}.4.100"), "productId": "ININ", "codebaseId": format!("{year}R{minor}"),
        "productReleaseDisplayString": format!("{year} R{minor}"),
        "productPatchDisplayString": format!("{year} R{minor} Patch4")})
}

fn features(world: &World) -> Vec<Value> {
    let version = |id: &str, version| {
        if id == "messaging" { world.setup.messaging_version } else { version }
    };
    FEATURES.iter().map(|&(id, newest)| json!({"featureId": id, "version": version(id, newest)})).collect()
}

fn server_info(request: &Request, language: &str) -> Value {
    let language = request.header("Accept-Language").unwrap_or(language);
    let mut info = json!({"languages": [{"languageID": "en-us", "languageDisplayName": "English (United States)"}],
        "acceptLanguage": language});
    if request.query("singleSignOnCapabilities").is_some() {
        info["authentication"] = json!({"allowIcAuth": true, "identityProviders": []});
    }
    info
}

fn log_on(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    if let Some(hosts) = world.faults.switchover_hosts(world.clock.elapsed()) {
        return Err(Answer::go_elsewhere(hosts));
    }
    let settings = request.object()?;
    let kind = text(&settings, "__type")?;
    let application = text(&settings, "applicationName")?;
    let user = match kind.rsplit(':').next().unwrap_or_default() {
        "icAuthConnectionRequestSettings" => by_password(world, &settings)?,
        "authTokenConnectionRequestSettings" => by_token(world, &settings)?,
        "singleSignOnTokenConnectionRequestSettings" => {
            text(&settings, "singleSignOnToken")?;
            return Err(refused());
        }
        _ => return Err(Answer::invalid("__type")),
    };
    let id = world.open_session(user, application);
    let include: Vec<String> = request.query_list("include").iter().map(|name| name.to_lowercase()).collect();
    let language = request.header("Accept-Language").and_then(|value| value.split([',', ';']).next());
    let language = language.filter(|language| !language.is_empty()).unwrap_or("en-us").to_owned();
    Ok(welcome(world, &id, &include, &language))
}

/// Wrong user or password: 400 and not 401.
fn refused() -> Answer {
    let id = "error.request.connection.authenticationFailure";
    Answer::error(StatusCode::BAD_REQUEST, Some(id), Some(-2_147_221_503), "The authentication process failed.")
}

fn by_password(world: &World, settings: &Map<String, Value>) -> Result<AgentId, Answer> {
    let user = AgentId::new(&text(settings, "userID")?);
    let password = text(settings, "password")?;
    let known = world.users.contains_key(&user) && password == world.setup.password;
    if known { Ok(user) } else { Err(refused()) }
}

fn by_token(world: &mut World, settings: &Map<String, Value>) -> Result<AgentId, Answer> {
    let seed = text(settings, "authTokenSeed")?;
    let token = text(settings, "authToken")?;
    let source = text(settings, "authTokenSourceSession")?;
    let now = Instant::now();
    world.tokens.retain(|token| token.expires > now);
    let fits = |known: &AuthToken| known.seed == seed && known.token == token && known.session == source;
    let at = world.tokens.iter().position(fits).ok_or_else(refused)?;
    world.tokens.swap_remove(at);
    let user = world.sessions.get(&source).map(|session| session.user.clone()).ok_or_else(refused)?;
    if settings.get("disconnectSourceSession") == Some(&Value::Bool(true)) {
        world.end_session(&source, "Another session took over.");
    }
    Ok(user)
}

/// 201 with everything that clients read: body, cookie, location, and id and token as headers.
fn welcome(world: &mut World, id: &str, include: &[String], language: &str) -> Answer {
    let wants = |name: &str| include.iter().any(|asked| asked == name);
    let version = wants("version").then(|| version(world));
    let features = wants("features").then(|| features(world));
    let time = compact(world.now());
    let hosts = world.setup.alternate_hosts.clone();
    let server = world.setup.server.clone();
    let Some(session) = world.sessions.get_mut(id) else {
        return Answer::not_found();
    };
    session.wants_effective_station = wants("effective-station");
    let user = world.users.get(&session.user);
    let mut body = json!({"csrfToken": session.keys.csrf, "sessionId": id, "alternateHostList": hosts,
        "userID": user.map_or(session.user.as_str(), |user| &*user.id),
        "userDisplayName": user.map_or(session.user.as_str(), |user| &user.display_name),
        "icServer": server, "daysUntilPasswordExpiration": 90});
    if let Some(version) = version {
        body["version"] = version;
    }
    if let Some(features) = features {
        body["features"] = json!(features);
    }
    if wants("server-time") {
        body["serverTimeInfo"] = json!({"serverUtcTime": time});
    }
    if wants("default-workstation") {
        body["defaultWorkstationId"] = Value::Null;
    }
    if wants("effective-station") {
        body["effectiveStation"] = Value::Null;
    }
    if wants("purecloud-integration") {
        body["purecloudIntegration"] = json!({"integrationEnabled": false, "webRTCIntegrationEnabled": false});
    }
    let cookie = format!("icws_{id}={}|languageId={language}; Path=/icws/{id}; HttpOnly", session.keys.cookie);
    Answer::json(StatusCode::CREATED, &body)
        .with("Set-Cookie", cookie)
        .with("ININ-ICWS-Session-ID", id)
        .with("ININ-ICWS-CSRF-Token", session.keys.csrf.clone())
        .with("Location", format!("/icws/{id}/connection"))
}

/// The resources of a session's connection.
pub(super) fn with_session(
    world: &mut World,
    request: &Request,
    session: &str,
    rest: &[String],
) -> Result<Answer, Answer> {
    let words: Vec<String> = rest.iter().map(|word| word.to_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match (words.as_slice(), &request.method) {
        ([], &Method::GET) => Ok(Answer::ok(&json!({"connectionState": 1, "reason": "", "shouldReconnect": true}))),
        ([], &Method::DELETE) => {
            world.end_session(session, "The session was ended by the user.");
            Ok(Answer::empty(StatusCode::OK))
        }
        ([], _) => Err(Answer::wrong_verb("GET, DELETE")),
        (["switchover-status"], &Method::GET) => Ok(Answer::ok(&switchover_status(world))),
        (["switchover-status"], _) => Err(Answer::wrong_verb("GET")),
        (["unique-auth-token"], &Method::POST) => unique_auth_token(world, request, session),
        (["unique-auth-token"], _) => Err(Answer::wrong_verb("POST")),
        (["station"], _) => station(world, request, session),
        _ => information(world, request, rest, "en-us"),
    }
}

fn switchover_status(world: &World) -> Value {
    let active = world.faults.switchover_hosts(world.clock.elapsed()).is_some();
    let mut status = json!({"isSwitchoverActive": active, "primaryHost": world.setup.server, "backupState": 0,
        "isBackupICStopping": false, "isBackupICStarting": false, "isManualSwitchOnly": false, "subsystemsDown": []});
    if let Some(backup) = world.setup.alternate_hosts.first() {
        status["backupHost"] = json!(backup);
    }
    status
}

fn unique_auth_token(world: &mut World, request: &Request, session: &str) -> Result<Answer, Answer> {
    let seed = text(&request.object()?, "authTokenSeed")?;
    let token = world.guid();
    let expires = Instant::now() + TOKEN_LIFE;
    world.tokens.push(AuthToken { seed, token: token.clone(), session: session.to_owned(), expires });
    Ok(Answer::ok(&json!({"authToken": token})))
}

fn station(world: &mut World, request: &Request, id: &str) -> Result<Answer, Answer> {
    let visible = world.faults.visible();
    let Some(session) = world.sessions.get_mut(id) else {
        return Err(Answer::not_found());
    };
    match request.method {
        Method::GET => session.station.as_ref().map(Answer::ok).ok_or_else(Answer::not_found),
        Method::DELETE => {
            session.station = None;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        Method::PUT => {
            let new = station_information(&request.object()?)?;
            let mut message = json!({"__type": "urn:inin.com:connection:stationConnectionStateChangeMessage",
                "isDelta": true});
            if let (Some(new), true) = (&new, session.watches.station) {
                if let Some(old) = &session.station {
                    message["previousStationInfo"] = old.clone();
                }
                message["newStationInfo"] = new.clone();
                session.push(message.to_string(), visible);
            }
            if session.wants_effective_station {
                let effective = new.as_ref().map(|new| {
                    json!({"stationId": {"id": new["id"], "displayName": new["id"], "uri": "/configuration/stations"}})
                });
                let message = json!({"__type": "urn:inin.com:connection:effectiveStationChangeMessage",
                    "isDelta": false, "effectiveStation": effective});
                session.push(message.to_string(), visible);
            }
            session.station = new;
            Ok(Answer::empty(StatusCode::OK).with("Location", format!("/icws/{id}/connection/station")))
        }
        _ => Err(Answer::wrong_verb("GET, PUT, DELETE")),
    }
}

/// The station that the settings ask for; none for `stationlessSettings`.
fn station_information(settings: &Map<String, Value>) -> Result<Option<Value>, Answer> {
    let kind = text(settings, "__type")?;
    let (name, setting) = match kind.rsplit(':').next().unwrap_or_default() {
        "workstationSettings" => (text(settings, "workstation")?, 1),
        "remoteWorkstationSettings" => (text(settings, "workstation")?, 2),
        "remoteNumberSettings" => (text(settings, "remoteNumber")?, 3),
        "stationlessSettings" => return Ok(None),
        _ => return Err(Answer::invalid("__type")),
    };
    let mut station = json!({"id": name, "extension": name, "stationSetting": setting, "ringAlways": false});
    if let Some(number) = settings.get("remoteNumber").filter(|number| number.is_string()) {
        station["remoteNumber"] = number.clone();
    }
    Ok(Some(station))
}
