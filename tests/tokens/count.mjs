// Reads texts as a JSON array from standard input, and writes how many tokens of o200k_base each of them has.
import { readFileSync } from "node:fs";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

const texts = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map((text) => countTokens(text, { allowedSpecial: "all" }))));
