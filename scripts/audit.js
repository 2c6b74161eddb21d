// Run the audits that the authors of the GraphQL over HTTP specification publish, and list failures.
import { serverAudits } from "graphql-http";

const url = process.argv[2];
try {
  await fetch(url);
} catch {
  console.error(`Nothing answers at ${url}. Start ./scripts/demo first, or name another address.`);
  process.exit(2);
}
const results = await Promise.all(serverAudits({ url, fetchFn: fetch }).map((audit) => audit.fn()));
const failed = results.filter((result) => result.status !== "ok");
for (const result of failed) {
  console.log(`${result.id} ${result.name}: ${result.reason}`);
}
console.log(`${results.length - failed.length} of ${results.length} audits passed at ${url}`);
process.exitCode = failed.length ? 1 : 0;
