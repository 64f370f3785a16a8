/** The strongest examples of each unit, one a context: of several with the same last tokens the strongest, of equals the earliest. */
import type { ExampleTable, Firing } from './examples.ts';

export class Strongest {
  private readonly table: ExampleTable;
  private readonly places: number;
  /** The least value of each unit's examples: what is not above it is none. */
  private readonly least: Float32Array;

  /** In the first `places` of the table. */
  constructor(table: ExampleTable, places: number) {
    this.table = table;
    this.places = places;
    this.least = new Float32Array(table.units);
    for (let unit = 0; unit < table.units; unit++) this.refresh(unit);
  }

  /** Whether a value could be among them. */
  takes(unit: number, value: number): boolean {
    return value > (this.least[unit] as number);
  }

  add(unit: number, firing: Firing, sketch?: Float32Array): void {
    const { value, context } = this.table;
    const from = unit * this.table.places;
    let at = from;
    for (let place = from; place < from + this.places; place++) {
      if (context[place] === firing.context && (value[place] as number) !== -Infinity) {
        at = place;
        if ((value[place] as number) >= firing.value) return;
        break;
      }
      if ((value[place] as number) < (value[at] as number)) at = place;
    }
    this.table.put(at, firing, sketch);
    this.refresh(unit);
  }

  private refresh(unit: number): void {
    const from = unit * this.table.places;
    let least = Infinity;
    for (let place = from; place < from + this.places; place++) least = Math.min(least, this.table.value[place] as number);
    this.least[unit] = least;
  }
}
