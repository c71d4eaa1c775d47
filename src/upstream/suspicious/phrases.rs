//! How assistants are spoken to, in several languages, and the marks of their hosts.

/// A way to speak to an assistant: a word of the first, and within some words one of each of the others.
pub struct Phrase {
    pub first: &'static [&'static str],
    pub then: &'static [&'static [&'static str]],
    pub within: usize,
    /// One that has two is enough; of others it takes several.
    pub weight: u8,
}

/// Of each language the words that mean the same stand in one list.
pub const PHRASES: &[Phrase] = &[
    Phrase {
        first: &[
            "ignore",
            "disregard",
            "forget",
            "override",
            "ignoriere",
            "ignorieren",
            "vergiss",
            "ignorez",
            "oublie",
            "oubliez",
            "ignora",
            "olvida",
            "ignorar",
            "esqueça",
            "dimentica",
            "negeer",
            "игнорируй",
            "игнорируйте",
            "забудь",
        ],
        then: &[
            &[
                "previous",
                "prior",
                "above",
                "earlier",
                "preceding",
                "all",
                "your",
                "vorherigen",
                "bisherigen",
                "obigen",
                "alle",
                "précédentes",
                "toutes",
                "anteriores",
                "todas",
                "previas",
                "precedenti",
                "vorige",
                "предыдущие",
                "все",
            ],
            &[
                "instructions",
                "instruction",
                "prompt",
                "prompts",
                "directives",
                "guardrails",
                "anweisungen",
                "instruktionen",
                "consignes",
                "instrucciones",
                "instruções",
                "istruzioni",
                "instructies",
                "инструкции",
                "указания",
            ],
        ],
        within: 6,
        weight: 2,
    },
    Phrase { first: &["you"], then: &[&["are"], &["now"], ASSISTANTS], within: 6, weight: 2 },
    Phrase { first: &["telling", "informing", "asking"], then: &[&["user", "human"]], within: 3, weight: 1 },
    Phrase { first: &["tell", "inform", "mention"], then: &[&["user", "human"]], within: 4, weight: 1 },
    Phrase { first: &["note", "attention", "message", "important", "dear"], then: &[ASSISTANTS], within: 4, weight: 1 },
    Phrase { first: &["if"], then: &[&["you"], &["are"], ASSISTANTS], within: 6, weight: 1 },
    Phrase {
        first: &["reveal", "print", "output", "repeat", "leak"],
        then: &[&["system"], &["prompt"]],
        within: 4,
        weight: 1,
    },
    Phrase {
        first: &["user"],
        then: &[&["has"], &["already"], &["agreed", "approved", "consented", "authorized", "confirmed"]],
        within: 4,
        weight: 1,
    },
    Phrase {
        first: &["post", "send", "upload", "include", "append", "copy"],
        then: &[
            &["secret", "secrets", "credentials", "tokens", "passwords", "keys"],
            &["comment", "url", "image", "page"],
        ],
        within: 14,
        weight: 1,
    },
];

const ASSISTANTS: &[&str] = &[
    "ai",
    "assistant",
    "assistants",
    "llm",
    "llms",
    "agent",
    "agents",
    "chatbot",
    "copilot",
    "claude",
    "chatgpt",
    "gemini",
    "unrestricted",
    "maintenance",
    "dan",
];

/// What must stand before a word for what is said to be meant so.
pub const HIDING: &[(&[&str], &[&str])] =
    &[(&["telling", "informing", "asking"], &["without"]), (&["tell", "inform", "mention"], &["not", "t", "never"])];

/// Words before an order that make none of it, and after one.
pub const POSSIBLE: &[&str] = &["can", "may", "could", "might", "not", "t", "safely"];
pub const CONDITIONS: &[&str] = &["if", "unless", "when", "wenn", "falls", "si"];

/// The same in languages that put no spaces between words.
pub const UNSPACED: &[&str] =
    &["忽略之前的", "忽略以上", "忽略所有", "以前の指示を", "これまでの指示", "上記の指示を無視"];

/// What the texts of hosts and models have around turns and calls of tools.
pub const MARKS: &[&str] = &[
    "<|im_start|>",
    "<|system|>",
    "<<SYS>>",
    "[INST]",
    "<tool_call>",
    "<function_calls>",
    "<invoke name=",
    "<tool_result",
    "</tool_result",
    "<system-reminder>",
    "</untrusted",
    "<untrusted",
    "<system>",
];
