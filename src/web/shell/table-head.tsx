/** The head of a table of figures: the first column names what each row is, and the others are numbers. */
export function TableHead({ columns }: { readonly columns: readonly string[] }) {
  return (
    <thead>
      <tr>
        {columns.map((name, i) => (
          <th key={name} class={i === 0 ? '' : 'n'} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  )
}
