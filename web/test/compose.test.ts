import assert from "node:assert/strict";
import { test } from "node:test";

import { ABSENT, NOT_A_NUMBER, palette } from "../src/draw/colors.ts";
import { Composer, type Piece, rowsOf } from "../src/draw/compose.ts";

function piece(data: number[][], frame = 0, framesPerColumn = 1): Piece {
  const columns = data[0].length;
  return { frame, framesPerColumn, columns, data: Float32Array.from(data.flat()), from: 0, to: columns };
}

function descending(...edges: number[]): Float64Array {
  return Float64Array.from(edges);
}

test("no column and no band is lost, whatever the number of pixels", () => {
  const [bands, columns] = [37, 211];
  for (let width = 1; width < 60; width++) {
    for (const [band, column] of [[0, 0], [36, 210], [17, 100], [5, 209], [36, 0]]) {
      const data = Array.from({ length: bands }, (_, row) => Array.from({ length: columns }, (_, place) => (row === band && place === column ? 1 : 0)));
      const edges = Float64Array.from({ length: 12 }, (_, y) => bands * (1 - y / 11));
      const values = new Composer().values([piece(data)], bands, { frame: 0, framesPerPixel: columns / width, width, edges });
      assert.equal(Math.max(...values), 1, `band ${band}, column ${column}, ${width} pixels`);
    }
  }
});

test("a pixel between two column centers shows the column around it", () => {
  const values = new Composer().values([piece([[1, 2, 3, 4]])], 1, { frame: 1, framesPerPixel: 0.25, width: 8, edges: descending(1, 0) });
  assert.deepEqual([...values], [2, 2, 2, 2, 3, 3, 3, 3]);
});

test("pixels are the maximum of the columns with their centers in them, across pieces", () => {
  const pieces = [piece([[1, 9]], 0, 2), piece([[3, 4]], 4, 2)];
  const values = new Composer().values(pieces, 1, { frame: 0, framesPerPixel: 4, width: 2, edges: descending(1, 0) });
  assert.deepEqual([...values], [9, 4]);
});

test("outside of all pieces nothing is shown", () => {
  const values = new Composer().values([piece([[5]], 2)], 1, { frame: 0, framesPerPixel: 1, width: 4, edges: descending(1, 0) });
  assert.deepEqual([...values], [ABSENT, ABSENT, 5, ABSENT]);
});

test("bands of a line: those with their center in it, or the one around it", () => {
  const { first, last } = rowsOf(descending(4, 2, 1.75, 1.6, 0), 4);
  assert.deepEqual([...first], [2, 1, 1, 0]);
  assert.deepEqual([...last], [3, 1, 1, 1]);
});

test("colors: the ends are clipped, NaN and absence have their own", () => {
  const colors = palette("gray", true);
  const into = new Uint32Array(5);
  const data = [[-5, 0.5, 99, NOT_A_NUMBER, ABSENT]];
  new Composer().image([piece(data)], 1, { frame: 0, framesPerPixel: 1, width: 5, edges: descending(1, 0) }, colors, 0, 1, into);
  assert.deepEqual([...into], [colors.pixels[0], colors.pixels[128], colors.pixels[255], colors.invalid, colors.absent]);
});
