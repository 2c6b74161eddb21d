// Check a bundle's checkpoint and every proof in it with @sigstore/verify.
const { createHash, createPublicKey } = require("node:crypto");
const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const { verifyTLogInclusion } = require("@sigstore/verify/dist/tlog");

const [folder, key] = process.argv.slice(2);
const [name, , ...keyed] = key.split("+");
const pub = Buffer.from(keyed.join("+"), "base64").subarray(1);
const prefix = Buffer.from("302a300506032b6570032100", "hex");
const publicKey = createPublicKey({ key: Buffer.concat([prefix, pub]), format: "der", type: "spki" });
// A log's key is known by the first bytes of a digest of its name and key (C2SP signed-note).
const logID = createHash("sha256").update(`${name}\n\x01`).update(pub).digest();
const log = { baseURL: name, logID, publicKey, validFor: { start: new Date(0), end: new Date(8e15) } };

const envelope = readFileSync(join(folder, "checkpoint"), "utf8");
const files = readdirSync(join(folder, "proofs"));
for (const file of files) {
  const head = readFileSync(join(folder, "proofs", file), "utf8").split("\n\n")[0];
  const [, index, ...hashes] = head.split("\n");
  const event = file.replace(".tlog-proof", ".json");
  verifyTLogInclusion(
    {
      logIndex: index.slice("index ".length),
      logId: { keyId: logID },
      canonicalizedBody: readFileSync(join(folder, "events", event)),
      inclusionProof: {
        logIndex: index.slice("index ".length),
        treeSize: envelope.split("\n")[1],
        rootHash: Buffer.from(envelope.split("\n")[2], "base64"),
        hashes: hashes.map((line) => Buffer.from(line, "base64")),
        checkpoint: { envelope },
      },
    },
    [log],
  );
}
console.log(`${files.length} proofs`);
