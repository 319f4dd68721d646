/*
 * The one way into the project: node tools/run.cjs COMMAND (see COMMANDS below)
 *
 * Installs if needed, builds if needed, then runs. Kept to syntax that any Node can read, so that
 * an unsupported one gets its sentence instead of a syntax error; npm's own pre and post scripts
 * do not run, because .npmrc switches install scripts off.
 */
'use strict';
var childProcess = require('child_process');
var crypto = require('crypto');
var fs = require('fs');
var path = require('path');

var ROOT = path.dirname(__dirname);
var NODE_MIN = [20, 19];
var STAMPS = path.join(ROOT, 'node_modules', '.procurement');
/** What a build leaves last in each room that runs; where one is missing, all is built anew. */
var BUILT = [
  'tools/dist/program/start.js',
  'network/dist/program/network.js',
  'gateway/dist/program/gateway.js',
  'chaincode/dist/package/index.js'
];
/** What is started from them is packed into one file. */
var BUNDLED = ['chaincode', 'network', 'gateway', 'tools'];
var ROOMS = ['protocol', 'sealed', 'chaincode', 'client', 'network', 'gateway', 'test', 'tools'];

function fail(sentence) {
  process.stderr.write(sentence + '\n');
  process.exit(1);
}

function requireNode() {
  var parts = process.versions.node.split('.').map(Number);
  if (parts[0] > NODE_MIN[0] || (parts[0] === NODE_MIN[0] && parts[1] >= NODE_MIN[1])) return;
  fail(
    'This needs Node ' +
      NODE_MIN.join('.') +
      ' or later; this is Node ' +
      process.versions.node +
      '. Install a newer Node (https://nodejs.org) and run the same command again.'
  );
}

function digest(parts) {
  return crypto.createHash('sha256').update(parts.join('\n')).digest('hex');
}

function readStamp(name) {
  var file = path.join(STAMPS, name);
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

function writeStamp(name, value) {
  fs.mkdirSync(STAMPS, { recursive: true });
  fs.writeFileSync(path.join(STAMPS, name), value);
}

/** Runs a command to its end, its output on ours; a failure ends this process, code and all. */
function run(command, args, options) {
  var result = childProcess.spawnSync(
    command,
    args,
    Object.assign({ cwd: ROOT, stdio: 'inherit' }, options)
  );
  if (result.error) fail('Cannot run ' + command + ': ' + result.error.message);
  if (result.status !== 0) process.exit(result.status === null ? 1 : result.status);
}

function runBin(name, args, options) {
  run(process.execPath, [path.join(ROOT, 'node_modules', name)].concat(args), options);
}

function packageFiles() {
  return ['package.json', 'package-lock.json']
    .concat(
      ROOMS.map(function (room) {
        return path.join(room, 'package.json');
      })
    )
    .filter(function (file) {
      return fs.existsSync(path.join(ROOT, file));
    });
}

function installStamp(files) {
  return digest(
    files.map(function (file) {
      return file + fs.readFileSync(path.join(ROOT, file), 'utf8');
    })
  );
}

/** npm notes every install in this file; newer than all that asks for packages, it was complete. */
function wasInstalledByHand(files) {
  var note = path.join(ROOT, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(note)) return false;
  var notedAt = fs.statSync(note).mtimeMs;
  return files.every(function (file) {
    return fs.statSync(path.join(ROOT, file)).mtimeMs <= notedAt;
  });
}

function installIfNeeded() {
  var files = packageFiles();
  var stamp = installStamp(files);
  if (readStamp('installed') === stamp || wasInstalledByHand(files)) return;
  process.stderr.write('Installing packages…\n');
  var npm = process.env.npm_execpath;
  var args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm && /\.c?js$/.test(npm))
    run(process.execPath, [npm].concat(args), { stdio: ['ignore', 2, 2] });
  else run('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  writeStamp('installed', stamp);
}

function listSources(folder, found) {
  fs.readdirSync(folder, { withFileTypes: true }).forEach(function (entry) {
    var full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'dist' && entry.name !== 'node_modules') listSources(full, found);
    } else if (/\.(ts|cjs|json)$/.test(entry.name)) {
      var stat = fs.statSync(full);
      found.push(path.relative(ROOT, full) + ' ' + stat.size + ' ' + stat.mtimeMs);
    }
  });
  return found;
}

function buildIfNeeded() {
  var sources = ROOMS.reduce(function (found, room) {
    return listSources(path.join(ROOT, room), found);
  }, []);
  var shared = ['tsconfig.json', 'tsconfig.base.json', 'esbuild.base.cjs'].map(function (file) {
    return fs.readFileSync(path.join(ROOT, file), 'utf8');
  });
  var stamp = digest(shared.concat(sources.sort()));
  var isWhole = BUILT.every(function (file) {
    return fs.existsSync(path.join(ROOT, file));
  });
  if (isWhole && readStamp('built') === stamp) return;
  process.stderr.write('Building…\n');
  // What tsc remembers of an earlier build does not tell it that the results were removed.
  runBin('typescript/bin/tsc', isWhole ? ['-b'] : ['-b', '--force'], { stdio: ['ignore', 2, 2] });
  BUNDLED.forEach(function (room) {
    run(process.execPath, [path.join(ROOT, room, 'bundle.cjs')], { stdio: ['ignore', 2, 2] });
  });
  writeStamp('built', stamp);
}

function check() {
  runBin('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']);
  runBin('eslint/bin/eslint.js', ['--max-warnings', '0', '.']);
  runBin(
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ['--config', '.dependency-cruiser.cjs'].concat(ROOMS)
  );
  runBin('knip/bin/knip.js', []);
  runBin('jest/bin/jest.js', ['--reporters', 'default', '--', 'tools/tidy.test.ts']);
}

function runTests(args, environment) {
  var options = (process.env.NODE_OPTIONS || '') + ' --experimental-vm-modules --no-warnings';
  runBin('jest/bin/jest.js', args, {
    env: Object.assign({}, process.env, environment, {
      NODE_OPTIONS: options,
      CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR'
    })
  });
}

/** On real Fabric; `--bft` takes SmartBFT orderers. Each network has the machine for itself. */
function runFabricTests(args) {
  var words = args.filter(function (word) {
    return word !== '--bft';
  });
  var consensus = words.length < args.length ? 'bft' : process.env.TEST_FABRIC || 'raft';
  runTests(['--runInBand', 'test/src/native'].concat(words), { TEST_FABRIC: consensus });
}

/**
 * Long runs of random tests: where they are, what each option sets, and what is set where nothing
 * is said.
 */
var LONG_RUNS = {
  'test:fuzz': {
    file: 'network/embedded/src/fuzz',
    variables: {
      '--seed': 'TEST_SEED',
      '--cases': 'FUZZ_CASES',
      '--first': 'FUZZ_FIRST',
      '--only': 'FUZZ_ONLY'
    }
  },
  'test:crash': {
    file: 'test/src/restart',
    variables: { '--seed': 'TEST_SEED', '--rounds': 'TEST_ROUNDS' }
  },
  'test:deadline': {
    file: 'test/src/deadline',
    variables: { '--seed': 'TEST_SEED', '--bids': 'DEADLINE_BIDS', '--seeds': 'DEADLINE_SEEDS' },
    usual: { DEADLINE_BIDS: '1000' }
  },
  'test:hostile': {
    file: 'test/src/hostile',
    variables: { '--seed': 'TEST_SEED', '--calls': 'HOSTILE_CALLS' }
  },
  'test:crypto': {
    file: 'sealed/src',
    variables: {
      '--seed': 'TEST_SEED',
      '--flips': 'CRYPTO_FLIPS',
      '--transcripts': 'CRYPTO_TRANSCRIPTS'
    },
    usual: { CRYPTO_FLIPS: '100000', CRYPTO_TRANSCRIPTS: '1000' }
  }
};

/** What a command that ends here takes; the others read their words themselves. */
function usageOf(command) {
  var options = LONG_RUNS[command] ? Object.keys(LONG_RUNS[command].variables) : [];
  var words = options.map(function (option) {
    return ' [' + option + ' N]';
  });
  return 'npm run ' + command + (words.length > 0 ? ' --' : '') + words.join('');
}

/** The variables that the words of a long run set: --seed 7 becomes TEST_SEED. */
function environmentOf(command, args) {
  var environment = Object.assign({}, LONG_RUNS[command].usual);
  for (var at = 0; at < args.length; at += 2) {
    var variable = LONG_RUNS[command].variables[args[at]];
    if (!variable) fail('Unknown word ' + args[at] + '.\n\n' + usageOf(command));
    if (!/^\d{1,10}$/.test(args[at + 1])) {
      fail(args[at] + ' takes a whole number.\n\n' + usageOf(command));
    }
    environment[variable] = args[at + 1];
  }
  return environment;
}

function startProgram(file, args) {
  process.argv = [process.argv[0], path.join(ROOT, file)].concat(args);
  require(path.join(ROOT, file));
}

var COMMANDS = {
  start: function (args) {
    startProgram('tools/dist/program/start.js', args);
  },
  demo: function (args) {
    startProgram('tools/dist/demonstration/main.js', args);
  },
  bench: function (args) {
    startProgram('test/dist/bench/main.js', args);
  },
  identity: function (args) {
    startProgram('network/dist/identity-source/main.js', args);
  },
  network: function (args) {
    startProgram('network/dist/command/main.js', args);
  },
  fabric: function (args) {
    startProgram('tools/dist/fabric/main.js', args);
  },
  replay: function (args) {
    startProgram('network/dist/embedded/src/replay/main.js', args);
  },
  render: function (args) {
    startProgram('network/dist/deploy/main.js', args);
  },
  test: runTests,
  'test:fabric': runFabricTests,
  'test:conformance': function (args) {
    var reporters = ['--reporters', 'default', '--reporters', './tools/behaviour-reporter.cjs'];
    runTests(['test/src/conformance'].concat(reporters, args));
  },
  check: check,
  build: function () {}
};
Object.keys(LONG_RUNS).forEach(function (name) {
  COMMANDS[name] = function (args, environment) {
    runTests(['--reporters', 'default', '--', LONG_RUNS[name].file], environment);
  };
});

/** Answers `--help` and refuses words before anything is installed or built for them. */
function readWords(command, args) {
  var isPlain = command === 'check' || command === 'build';
  if (!isPlain && !LONG_RUNS[command]) return {};
  if (args.indexOf('--help') >= 0) {
    process.stdout.write(usageOf(command) + '\n');
    process.exit(0);
  }
  if (!isPlain) return environmentOf(command, args);
  if (args.length > 0) fail('Unknown word ' + args[0] + '.\n\n' + usageOf(command));
  return {};
}

requireNode();
var command = process.argv[2];
var args = process.argv.slice(3);
if (!Object.prototype.hasOwnProperty.call(COMMANDS, command)) {
  fail('Usage: node tools/run.cjs ' + Object.keys(COMMANDS).join(' | '));
}
var environment = readWords(command, args);
installIfNeeded();
buildIfNeeded();
COMMANDS[command](args, environment);
