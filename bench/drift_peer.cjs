// Compare pairs of definitions with api-smart-diff, and tell how long it takes within this process.
//
//   node drift_peer.cjs PACKAGE FOLDER ROUNDS
//
// FOLDER holds a folder for each pair, with before.json and after.json. Prints, as JSON, the median
// of the rounds in seconds, from bytes in memory to the list of changes, and how many there are.
"use strict";
const fs = require("fs");
const path = require("path");

const [folder, pairs, rounds] = process.argv.slice(2);
const { apiCompare } = require(folder);

function content(pair, side) {
  return fs.readFileSync(path.join(pairs, pair, `${side}.json`));
}

function parsed(bytes) {
  return JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
}

const read = fs
  .readdirSync(pairs)
  .sort()
  .map((pair) => [content(pair, "before"), content(pair, "after")]);
const seconds = [];
let kinds = {};
for (let round = 0; round < Number(rounds); round += 1) {
  kinds = {};
  const begun = process.hrtime.bigint();
  for (const [before, after] of read) {
    for (const one of apiCompare(parsed(before), parsed(after)).diffs) {
      kinds[one.type] = (kinds[one.type] || 0) + 1;
    }
  }
  seconds.push(Number(process.hrtime.bigint() - begun) / 1e9);
}
seconds.sort((one, other) => one - other);
const told = {
  seconds: seconds[Math.floor(seconds.length / 2)],
  changes: Object.values(kinds).reduce((sum, one) => sum + one, 0),
  breaking: kinds.breaking || 0,
  unclassified: kinds.unclassified || 0,
};
process.stdout.write(JSON.stringify(told));
