//! `/icws/{sid}/licenses`: every licence is there for whoever asks. Watching needs none.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::answer::Answer;
use super::request::{Request, text, texts};

pub(super) fn answer(request: &Request, words: &[&str]) -> Result<Answer, Answer> {
    match (words, &request.method) {
        ([], &Method::POST | &Method::PUT) => {
            let results = granted(&texts(&request.object()?, "licenseList")?);
            Ok(Answer::ok(&json!({"licenseOperationResultList": results})))
        }
        ([], &Method::DELETE) => Ok(Answer::empty(StatusCode::NO_CONTENT)),
        (["license-stages"], &Method::POST) => {
            let body = request.object()?;
            let Some(Value::Array(stages)) = body.get("licenseStageOperationList") else {
                return Err(Answer::missing("licenseStageOperationList"));
            };
            let stage = |stage: &Value| {
                let stage = stage.as_object().ok_or_else(|| Answer::invalid("licenseStageOperationList"))?;
                Ok(json!({"stageName": text(stage, "stageName")?, "result": granted(&texts(stage, "licenseList")?)}))
            };
            let results: Result<Vec<_>, Answer> = stages.iter().map(stage).collect();
            Ok(Answer::ok(&json!({"licenseStageOperationResultList": results?})))
        }
        ([], _) => Err(Answer::wrong_verb("POST, PUT, DELETE")),
        (["license-stages"], _) => Err(Answer::wrong_verb("POST")),
        _ => Err(Answer::not_found()),
    }
}

fn granted(names: &[String]) -> Vec<Value> {
    let result =
        |name: &String| json!({"licenseName": name, "isAvailable": true, "licenseStatus": 2, "errorDetails": ""});
    names.iter().map(result).collect()
}
