/** Levels of `rows` x `cols` blocks, row-major: what a picture is made of before it has colours. */
export interface Field {
  readonly rows: number;
  readonly cols: number;
  readonly levels: Uint8Array;
}
