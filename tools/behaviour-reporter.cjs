/**
 * Closes a run of the conformance suite with the list of the 72 behaviours, once for each network
 * that was tested: passed, failed, or skipped with the reason of the first case.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const file = join(__dirname, '../test/src/conformance/behaviours.json');
const titles = JSON.parse(readFileSync(file, 'utf8'));

module.exports = class BehaviourReporter {
  onRunComplete(_contexts, { testResults }) {
    const byNetwork = new Map();
    for (const { ancestorTitles, title, status } of testResults.flatMap((one) => one.testResults)) {
      const [, number] = /^(\d+)[a-z]*: /.exec(title) ?? [];
      if (number === undefined) continue;
      const cases = byNetwork.get(ancestorTitles[0]) ?? [];
      cases.push({ number: Number(number), title, status });
      byNetwork.set(ancestorTitles[0], cases);
    }
    const text = [...byNetwork].map(([network, cases]) => listOf(network, cases)).join('\n');
    // Jest writes its own summary after the last reporter has been asked.
    process.once('exit', () => process.stdout.write(`\n${text}`));
  }
};

function listOf(network, cases) {
  const lines = titles.map((title, at) => {
    const own = cases.filter(({ number }) => number === at + 1);
    return `${String(at + 1).padStart(4)} ${statusOf(own)}  ${title}${reasonOf(own)}\n`;
  });
  return `${network}\n${lines.join('')}`;
}

function statusOf(cases) {
  if (cases.some(({ status }) => status === 'failed')) return 'FAIL';
  return cases.some(({ status }) => status === 'passed') ? 'pass' : 'skip';
}

function reasonOf(cases) {
  const [, reason] = cases.map(({ title }) => /\(skipped: (.*)\)$/.exec(title)).find(Boolean) ?? [];
  return reason === undefined ? '' : ` (${reason})`;
}
