//! The status messages that a new PureConnect system ships with, and what one looks like on the wire.
//!
//! Names, groups and tick boxes as far as sources state them, else by their meaning; ids in the spelling that was seen
//! on real servers (`Do Not disturb`, `AcdAgentNotAnswering`). It does not know who is in which status.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A status message with its tick boxes, as Interaction Administrator shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct StatusMessage {
    /// The message name: unlocalised, compared without case.
    pub status_id: String,
    /// The text that agents see.
    pub message_text: String,
    /// The reporting status group.
    pub group_tag: String,
    /// *Status is Do Not Disturb*.
    pub is_do_not_disturb_status: bool,
    /// *Status allows ACD calls*.
    pub is_acd_status: bool,
    /// *Status is ACW*.
    pub is_after_call_work_status: bool,
    /// *User may select*.
    pub is_selectable_status: bool,
    /// *Status is persistent*.
    pub is_persistent_status: bool,
    /// *Status is forward*.
    pub is_forward_status: bool,
    /// *Allow follow-up*.
    pub is_allow_follow_up_status: bool,
    /// *Status has date*.
    pub can_have_date: bool,
    /// *Status has time*.
    pub can_have_time: bool,
}

impl Default for StatusMessage {
    /// Nothing ticked but that users may select it; what a control request leaves out.
    fn default() -> Self {
        Self {
            status_id: String::new(),
            message_text: String::new(),
            group_tag: "Unavailable".to_owned(),
            is_do_not_disturb_status: false,
            is_acd_status: false,
            is_after_call_work_status: false,
            is_selectable_status: true,
            is_persistent_status: false,
            is_forward_status: false,
            is_allow_follow_up_status: false,
            can_have_date: false,
            can_have_time: false,
        }
    }
}

impl StatusMessage {
    /// `urn:inin.com:status:statusMessage`, all fourteen properties.
    pub(crate) fn to_wire(&self, server: &str) -> Value {
        json!({
            "statusId": self.status_id,
            "messageText": self.message_text,
            "iconUri": format!("/icons/status/{}.png", self.group_tag.to_lowercase()),
            "groupTag": self.group_tag,
            "canHaveDate": self.can_have_date,
            "canHaveTime": self.can_have_time,
            "isDoNotDisturbStatus": self.is_do_not_disturb_status,
            "isSelectableStatus": self.is_selectable_status,
            "isPersistentStatus": self.is_persistent_status,
            "isForwardStatus": self.is_forward_status,
            "isAfterCallWorkStatus": self.is_after_call_work_status,
            "isAcdStatus": self.is_acd_status,
            "isAllowFollowUpStatus": self.is_allow_follow_up_status,
            "systemId": server,
        })
    }

    /// `urn:inin.com:configuration.system:statusMessage`, the same thing as the configuration API names it.
    pub(crate) fn to_configuration(&self) -> Value {
        json!({
            "configurationId": configuration_id("status-messages", &self.status_id, &self.status_id),
            "messageText": {"defaultValue": self.message_text, "multiLanguageValues": []},
            "group": self.group_tag,
            "allowAcdCalls": self.is_acd_status,
            "allowFollowUp": self.is_allow_follow_up_status,
            "hasDate": self.can_have_date,
            "hasTime": self.can_have_time,
            "isAfterCallWork": self.is_after_call_work_status,
            "isDoNotDisturb": self.is_do_not_disturb_status,
            "isForward": self.is_forward_status,
            "isPersistent": self.is_persistent_status,
            "isUserSelectable": self.is_selectable_status,
        })
    }
}

/// A reference to a configuration object, with the `uri` that real servers give.
pub(crate) fn configuration_id(resource: &str, id: &str, display_name: &str) -> Value {
    let encoded = id.replace('%', "%25").replace(' ', "%20");
    json!({"id": id, "displayName": display_name, "uri": format!("/configuration/{resource}/{encoded}")})
}

/// Letters for the tick boxes in [`SHIPPED`]: `n` no disturbing, `a` ACD, `w` after call work, `f` forward,
/// `p` persistent, `d` date, `t` time, `-` not selectable.
const SHIPPED: [(&str, &str, &str, &str); 18] = [
    ("Available", "Available", "Available", "a"),
    ("Available, No ACD", "Available, No ACD", "Available", ""),
    ("Available, Follow-Me", "Available, Follow-Me", "Available", ""),
    ("Available, Forward", "Available, Forward", "Available", "f"),
    ("Available, Remote", "Available, Remote", "Available", ""),
    ("At Lunch", "At Lunch", "Break", "nt"),
    ("At Play", "At Play", "Unavailable", "n"),
    ("At a training session", "At a Training Session", "Training", "nt"),
    ("Away from desk", "Away From Desk", "Unavailable", "n"),
    ("Do Not disturb", "Do Not Disturb", "Unavailable", "n"),
    ("Follow Up", "Follow Up", "FollowUp", "nw-"),
    ("Gone Home", "Gone Home", "Unavailable", "npdt"),
    ("In a meeting", "In a meeting", "Unavailable", "nt"),
    ("On Vacation", "On Vacation", "Unavailable", "npd"),
    ("Out of the office", "Out of the Office", "Unavailable", "npdt"),
    ("Out of Town", "Out of Town", "Unavailable", "npd"),
    ("Working at Home", "Working at Home", "Available", ""),
    ("AcdAgentNotAnswering", "ACD - Agent Not Answering", "Unavailable", "n-"),
];

/// The status messages of a new system. Only *Available* allows ACD calls, which is the vendor's default.
#[must_use]
pub fn shipped() -> Vec<StatusMessage> {
    SHIPPED
        .into_iter()
        .map(|(id, text, group, ticks)| StatusMessage {
            status_id: id.to_owned(),
            message_text: text.to_owned(),
            group_tag: group.to_owned(),
            is_do_not_disturb_status: ticks.contains('n'),
            is_acd_status: ticks.contains('a'),
            is_after_call_work_status: ticks.contains('w'),
            is_selectable_status: !ticks.contains('-'),
            is_persistent_status: ticks.contains('p'),
            is_forward_status: ticks.contains('f'),
            is_allow_follow_up_status: ticks.contains('a'),
            can_have_date: ticks.contains('d'),
            can_have_time: ticks.contains('t'),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_message_has_its_fourteen_properties_and_no_null() {
        for message in shipped() {
            let wire = message.to_wire("CIC1");
            let object = wire.as_object().unwrap();
            assert_eq!(object.len(), 14);
            assert!(object.values().all(|value| !value.is_null()));
        }
    }

    #[test]
    fn only_available_allows_acd_calls_and_only_follow_up_is_after_call_work() {
        let ticked = |pick: fn(&StatusMessage) -> bool| -> Vec<String> {
            shipped().into_iter().filter(pick).map(|message| message.status_id).collect()
        };
        assert_eq!(ticked(|message| message.is_acd_status), ["Available"]);
        assert_eq!(ticked(|message| message.is_after_call_work_status), ["Follow Up"]);
        assert_eq!(ticked(|message| !message.is_selectable_status), ["Follow Up", "AcdAgentNotAnswering"]);
    }
}
