"""What a connector's author needs: the contract's hooks, types and helpers, in one place."""
