// Have the parser of the AsyncAPI initiative validate our document, and refuse an altered copy of it.
import { Parser } from "@asyncapi/parser";

const url = process.argv[2];
const text = await (await fetch(url)).text();
const parser = new Parser();

async function faults(document) {
  const told = await parser.validate(document);
  return told.filter((each) => each.severity === 0);
}

const found = await faults(text);
for (const each of found) {
  console.log(`${each.code} ${each.path.join(".")}: ${each.message}`);
}
const altered = JSON.parse(text);
altered.operations.deliver.action = "take";
delete altered.channels.events.messages;
const refused = (await faults(JSON.stringify(altered))).length > 0;
if (!refused) {
  console.log("The parser accepts a document that is wrong.");
}
const messages = Object.keys(JSON.parse(text).components.messages).length;
if (found.length === 0 && refused) {
  console.log(`The AsyncAPI parser accepts ${url} with its ${messages} messages.`);
}
process.exitCode = found.length || !refused ? 1 : 0;
