// Compare pairs of definitions with api-smart-diff, in this process, and tell how long that takes.
//
//   node drift_peer.cjs FOLDER ROUNDS < ["before.json", "after.json"] per line
//
// Prints, as JSON, the seconds of each round and what of the pairs cannot be compared, by number.
"use strict";
const fs = require("fs");
const path = require("path");

const [folder, rounds] = process.argv.slice(2);
const { apiCompare } = require(path.join(folder, "node_modules", "api-smart-diff"));
const pairs = fs
  .readFileSync(0, "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line).map((file) => fs.readFileSync(file, "utf8").replace(/^\ufeff/, "")));

function compared([before, after]) {
  return apiCompare(JSON.parse(before), JSON.parse(after)).diffs.length;
}

const failed = [];
let found = 0;
pairs.forEach((pair, number) => {
  try {
    found += compared(pair);
  } catch (error) {
    failed.push([number, String(error.message || error).slice(0, 80)]);
  }
});
const left = pairs.filter((_, number) => !failed.some(([bad]) => bad === number));
const times = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const start = process.hrtime.bigint();
  left.forEach(compared);
  times.push(Number(process.hrtime.bigint() - start) / 1e9);
}
process.stdout.write(JSON.stringify({ times, failed, found }));
