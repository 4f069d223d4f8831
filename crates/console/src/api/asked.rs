//! What a request asks for: parameters, periods and bodies, read strictly. What is not known or cannot be understood is a
//! problem that says what there is; nothing is left out in silence.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::ids::AgentId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;
use utoipa::openapi::path::Parameter;

use super::problem::{Kind, Problem};
use crate::board::LinkBoard;
use crate::server::App;

/// The parameters of the query: those that the API's description has, and no others.
#[derive(Debug)]
pub(super) struct Asked<T>(pub T);

/// No parameters.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// The link that the path names.
#[derive(Debug)]
pub(super) struct OfLink(pub Arc<LinkBoard>);

/// The link and the agent that the path names, whether there is such an agent or not.
#[derive(Debug)]
pub(super) struct OfAgent(pub Arc<LinkBoard>, pub AgentId);

/// The body.
#[derive(Debug)]
pub(super) struct Said<T>(pub T);

impl IntoParams for Nothing {
    fn into_params(_: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>) -> Vec<Parameter> {
        Vec::new()
    }
}

impl<T: DeserializeOwned + IntoParams> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let known: Vec<String> = T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect();
        let query = parts.uri.query().unwrap_or_default();
        let unknown =
            url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| !known.iter().any(|own| own == name));
        if let Some((name, _)) = unknown {
            return Err(unknown_parameter(&name, known));
        }
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => {
                let words = rejection.body_text();
                let words = words.strip_prefix("Failed to deserialize query string: ").unwrap_or(&words);
                Err(Problem::new(Kind::InvalidParameter, words))
            }
        }
    }
}

fn unknown_parameter(name: &str, known: Vec<String>) -> Problem {
    let there_are =
        if known.is_empty() { "there is none here".to_owned() } else { format!("there are {}", known.join(", ")) };
    Problem::new(Kind::UnknownParameter, format!("there is no parameter \"{name}\": {there_are}")).knowing(known)
}

impl FromRequestParts<App> for OfLink {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let name = in_path(parts, app, "link").await?;
        app.board.link(&name).map(Self).ok_or_else(|| {
            let known: Vec<String> = app.board.links().iter().map(|link| link.name.to_string()).collect();
            let words = format!("there is no link \"{name}\": there is {}", known.join(", "));
            Problem::new(Kind::UnknownLink, words).knowing(known)
        })
    }
}

impl FromRequestParts<App> for OfAgent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let OfLink(link) = OfLink::from_request_parts(parts, app).await?;
        let agent = in_path(parts, app, "agent").await?;
        Ok(Self(link, AgentId::new(&agent)))
    }
}

async fn in_path(parts: &mut Parts, app: &App, wanted: &str) -> Result<String, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, app).await;
    let parameters = parameters.map_err(|rejection| Problem::of(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    let found = parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned());
    found.ok_or_else(|| Problem::of(StatusCode::NOT_FOUND, format!("the path has no {wanted}")))
}

impl<T: DeserializeOwned + Serialize + Default> FromRequest<App> for Said<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let body = Json::<Value>::from_request(request, app).await;
        let Json(body) = body.map_err(|rejection| not_json(&rejection))?;
        let invalid = |words: String| Problem::new(Kind::InvalidBody, words);
        let Value::Object(said) = &body else { return Err(invalid("an object is expected".to_owned())) };
        let known: Vec<String> = keys_of::<T>();
        if let Some(name) = said.keys().find(|name| !known.contains(name)) {
            let words = format!("there is no key \"{name}\": there are {}", known.join(", "));
            return Err(invalid(words).knowing(known));
        }
        serde_json::from_value(body).map(Self).map_err(|error| invalid(error.to_string()))
    }
}

fn keys_of<T: Serialize + Default>() -> Vec<String> {
    match serde_json::to_value(T::default()) {
        Ok(Value::Object(all)) => all.into_iter().map(|(key, _)| key).collect(),
        Ok(_) | Err(_) => Vec::new(),
    }
}

fn not_json(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
            Problem::new(Kind::InvalidBody, rejection.body_text())
        }
        status => Problem::of(status, rejection.body_text()),
    }
}
