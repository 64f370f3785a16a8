/** Fields whose text is taken up on Enter, or when they are left. */

/** Shows a value in such a field, but not over what is being typed: the engine has news at any time. */
export function showsWhenLeft(field: HTMLElement & { value: string }): (value: string) => void {
  let typing = false;
  const left = (): void => {
    typing = false;
  };
  field.addEventListener('input', () => (typing = true));
  // Before the listeners that take the text up, which have the field show what it came to.
  field.addEventListener('change', left, true);
  field.addEventListener('focusout', left);
  return (value) => {
    if (!typing && field.value !== value) field.value = value;
  };
}
