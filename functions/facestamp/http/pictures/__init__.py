"""Pictures that requests bring or name: `bodies` that name one, its `source`, and the `frame` in which one sees it."""
