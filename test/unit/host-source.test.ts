import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { closestPath, commonSuffix, fileName, globFor, nearestLine } from '../../src/host/source/match.ts';

suite('a recorded file', () => {
  test('has the name behind its last separator, of either kind', () => {
    assert.equal(fileName('/home/a/model.py'), 'model.py');
    assert.equal(fileName('C:\\a\\model.py'), 'model.py');
    assert.equal(fileName('model.py'), 'model.py');
    assert.equal(fileName(''), '');
  });

  test('shares whole names with another path, from the end', () => {
    assert.equal(commonSuffix('/a/b/model.py', '/x/b/model.py'), 2);
    assert.equal(commonSuffix('C:\\a\\b\\model.py', '/a/b/model.py'), 3);
    assert.equal(commonSuffix('/a/my_model.py', '/a/model.py'), 0);
  });

  test('is the candidate whose path ends most like it', () => {
    const candidates = ['/w/old/net/model.py', '/w/src/llama/model.py', '/w/model.py'];
    assert.equal(closestPath('/build/src/llama/model.py', candidates), '/w/src/llama/model.py');
    assert.equal(closestPath('model.py', candidates), candidates[0]);
    assert.equal(closestPath('/build/other.py', candidates), undefined);
  });

  test('is looked for by a pattern that its own characters do not change', () => {
    assert.equal(globFor('model.py'), '**/model.py');
    assert.equal(globFor('a[1]{b}*.py'), '**/a?1??b??.py');
  });
});

suite('a recorded line', () => {
  const lines = ['def f(x):', '    y = x @ w', '    return y', '', 'def g(x):', '\ty = x  @ w', '    return y'];

  test('is itself where it still reads the same, whatever its indentation', () => {
    assert.equal(nearestLine(lines, 2, 'y = x @ w'), 1);
    assert.equal(nearestLine(lines, 6, 'y = x @ w'), 5);
  });

  test('is the nearest that reads the same where lines have moved', () => {
    assert.equal(nearestLine(lines, 1, 'return y'), 2);
    assert.equal(nearestLine(lines, 40, 'return y'), 6);
  });

  test('is nowhere where none reads the same', () => assert.equal(nearestLine(lines, 2, 'y = x @ v'), undefined));

  test('without its text is the line of its number, if there is one', () => {
    assert.equal(nearestLine(lines, 3, ''), 2);
    assert.equal(nearestLine(lines, 0, ''), undefined);
    assert.equal(nearestLine(lines, 99, ''), undefined);
  });
});
