"""The built-in functions, a module per domain. They come in through the same door as an OEM pack."""
