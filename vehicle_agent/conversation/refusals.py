"""Why something was not done, in the sentences of the conversation itself."""

from typing import Final

NO_ANSWER: Final = "No answer came in time, so I left it."
SAID_NO: Final = "You said no."
NO_NUMBER: Final = "I do not know which number that would reach, so I did not do it."
MEANS_ANOTHER: Final = "What you named has changed meanwhile, so I did not do it; please say it again."
SWITCHED_OFF: Final = "The assistant is being switched off."
NOTHING_TO_UNDO: Final = "There is nothing to undo."
CANCELLED: Final = "Cancelled."
