/**
 * Stands in for @vscode/spdlog, a native module that would have to be compiled: the same interface, appending to a file.
 * Without it every log output channel stays empty.
 */
'use strict';
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'off'];
const LABELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

class Logger {
  constructor(_type, name, file) {
    this.name = name;
    this.file = file;
    this.level = 2;
    this.bare = false;
    mkdirSync(dirname(file), { recursive: true });
  }
  write(level, message) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    appendFileSync(this.file, this.bare ? message : `${time} [${LABELS[level]}] ${message}\n`);
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.bare = true;
  }
  flush() {}
  drop() {}
}
LEVELS.slice(0, 6).forEach((name, level) => {
  Logger.prototype[name] = function (message) {
    this.write(level, message);
  };
});

const createRotatingLogger = async (name, file) => new Logger('rotating', name, file);
const createAsyncRotatingLogger = createRotatingLogger;
const setLevel = () => {};
const setFlushOn = () => {};
const version = 0;

// Shorthand only: an import by name finds nothing else in a CommonJS module.
module.exports = { Logger, createRotatingLogger, createAsyncRotatingLogger, setLevel, setFlushOn, version };
