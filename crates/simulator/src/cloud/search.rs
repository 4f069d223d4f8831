//! Searching users by criteria, which may be nested. Texts are compared without case.
//!
//! The platform's search lags behind its directory; this one does not.

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::body;
use super::directory::{Expand, by_name};
use super::refusal::Refusal;
use super::request::{Answer, Reply};
use super::routes::Route;
use super::state::State;
use super::user::User;

const VIEW: &[&str] = &["directory:user:view"];

pub(super) const ROUTES: &[Route] = &[
    Route::with_body(Method::POST, "/api/v2/users/search", VIEW, |state, call| search(state, &call.body)),
    Route::new(Method::GET, "/api/v2/users/search", VIEW, |state, call| {
        let q64 = call.request.query.get("q64").ok_or_else(|| Refusal::missing("q64"))?;
        let bytes =
            STANDARD.decode(q64.replace(' ', "+")).map_err(|_| Refusal::query(q64, "q64", "base64 of a search"))?;
        let body: Value =
            serde_json::from_slice(&bytes).map_err(|_| Refusal::query(q64, "q64", "base64 of a search"))?;
        search(state, &body)
    }),
];

const MOST_CRITERIA: usize = 50;
const MOST_VALUES: usize = 100;
const MOST_RESULTS: i64 = 10_000;
const TYPES: [&str; 14] = [
    "EXACT",
    "STARTS_WITH",
    "CONTAINS",
    "REGEX",
    "TERM",
    "TERMS",
    "REQUIRED_FIELDS",
    "MATCH_ALL",
    "QUERY_STRING",
    "RANGE",
    "LESS_THAN",
    "LESS_THAN_EQUAL_TO",
    "GREATER_THAN",
    "GREATER_THAN_EQUAL_TO",
];

fn search(state: &mut State, body: &Value) -> Answer {
    body::object(body)?;
    let criteria = match &body["query"] {
        Value::Null => &[][..],
        query => body::objects(query)?,
    };
    check(criteria)?;
    let size = body::number(body, "pageSize")?.unwrap_or(25);
    let number = body::number(body, "pageNumber")?.unwrap_or(1);
    if size < 1 || number < 1 {
        return Err(Refusal::constraint("pageSize and pageNumber must be positive"));
    }
    if size.saturating_mul(number) > MOST_RESULTS {
        return Err(Refusal::new(400, "too.many.requested.results", "too many requested results"));
    }
    let expand: Vec<&str> = body["expand"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let descending = body::text(body, "sortOrder")?.is_some_and(|order| order.eq_ignore_ascii_case("DESC"));
    let matching = state.users.values().filter(|user| user.state != "deleted" && all_hold(criteria, user));
    let mut found = by_name(matching, descending);
    if body::text(body, "sortBy")?.is_some_and(|field| field.eq_ignore_ascii_case("email")) {
        found.sort_by_key(|user| user.email.clone());
        if descending {
            found.reverse();
        }
    }
    let (size, number) = (usize::try_from(size).unwrap_or(25), usize::try_from(number).unwrap_or(1));
    let pages = found.len().div_ceil(size);
    let q64 = |number: usize| {
        let mut other = body.clone();
        other["pageNumber"] = json!(number);
        STANDARD.encode(other.to_string())
    };
    let expand = Expand::names(expand);
    let results: Vec<Value> =
        found.iter().skip(size * (number - 1)).take(size).map(|user| expand.show(state, user)).collect();
    Ok(Reply::ok(json!({
        "total": found.len(),
        "pageCount": pages,
        "pageSize": size,
        "pageNumber": number,
        "previousPage": (number > 1).then(|| q64(number - 1)),
        "currentPage": q64(number),
        "nextPage": (number < pages).then(|| q64(number + 1)),
        "types": ["users"],
        "results": results,
    })))
}

fn check(criteria: &[Value]) -> Result<(), Refusal> {
    if criteria.len() > MOST_CRITERIA {
        return Err(Refusal::new(400, "too.many.search.criteria", "search criteria exceeded limit"));
    }
    for criterion in criteria {
        let kind = body::required_text(criterion, "type")?;
        if !TYPES.contains(&kind) {
            return Err(Refusal::value(kind, "SearchCriteriaType", &TYPES.join(", ")));
        }
        if values(criterion).len() > MOST_VALUES {
            return Err(Refusal::new(
                400,
                "search.criteria.values.exceed.limit",
                "search criteria values exceeded limit",
            ));
        }
        if let Some(group) = criterion["group"].as_array() {
            check(group)?;
        }
    }
    Ok(())
}

fn values(criterion: &Value) -> Vec<String> {
    let many = criterion["values"].as_array().into_iter().flatten();
    many.chain([&criterion["value"]]).filter_map(Value::as_str).map(str::to_lowercase).collect()
}

/// Criteria side by side must all hold, except that those with `OR` are alternatives to what precedes them.
fn all_hold(criteria: &[Value], user: &User) -> bool {
    let mut holds = true;
    for (place, criterion) in criteria.iter().enumerate() {
        let this = holds_one(criterion, user);
        holds = match criterion["operator"].as_str().unwrap_or("AND") {
            "OR" if place > 0 => holds || this,
            "NOT" => holds && !this,
            _ => holds && this,
        };
    }
    holds
}

fn holds_one(criterion: &Value, user: &User) -> bool {
    if let Some(group) = criterion["group"].as_array().filter(|group| !group.is_empty()) {
        return all_hold(group, user);
    }
    let values = values(criterion);
    let fields: Vec<String> = (criterion["fields"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .filter_map(|name| field(user, name))
        .map(|text| text.to_lowercase())
        .collect();
    let some =
        |test: &dyn Fn(&str, &str) -> bool| fields.iter().any(|field| values.iter().any(|value| test(field, value)));
    match criterion["type"].as_str().unwrap_or_default() {
        "MATCH_ALL" => true,
        "EXACT" | "TERM" | "TERMS" => some(&|field, value| field == value),
        "STARTS_WITH" => some(&|field, value| {
            field.split_whitespace().any(|word| word.starts_with(value)) || field.starts_with(value)
        }),
        "CONTAINS" | "QUERY_STRING" | "REGEX" => some(&|field, value| field.contains(value)),
        "REQUIRED_FIELDS" => !fields.is_empty(),
        "LESS_THAN" => some(&|field, value| field < value),
        "LESS_THAN_EQUAL_TO" => some(&|field, value| field <= value),
        "GREATER_THAN" => some(&|field, value| field > value),
        "GREATER_THAN_EQUAL_TO" => some(&|field, value| field >= value),
        _ => {
            let bound = |name: &str| criterion[name].as_str().map(str::to_lowercase);
            let (start, end) = (bound("startValue"), bound("endValue"));
            fields.iter().any(|field| {
                start.as_ref().is_none_or(|start| field >= start) && end.as_ref().is_none_or(|end| field <= end)
            })
        }
    }
}

fn field(user: &User, name: &str) -> Option<String> {
    match name.to_ascii_lowercase().as_str() {
        "id" | "guid" => Some(user.id.to_string()),
        "name" => Some(user.name.clone()),
        "email" | "primarycontactinfo.address" => user.email.clone(),
        "username" => Some(user.username.clone()),
        "department" => user.department.clone(),
        "title" => user.title.clone(),
        "state" => Some(user.state.to_owned()),
        _ => None,
    }
}
