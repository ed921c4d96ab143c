"""The section engine: a thin vocabulary over Flask-AppBuilder, of which one declaration makes a whole section."""
