"""The functions that a sentence is most likely about, by the words of the catalogue's descriptions."""

from models.compare.errors import CompareError
from vehicle_apis.catalogue import Catalogue
from vehicle_apis.params import EnumParam
from vehicle_apis.spec import ApiSpec


def description(spec: ApiSpec) -> str:
    """What is known of a function without examples: its name, its sentence, its parameters and their values."""
    parts = [spec.name, spec.doc]
    for param in spec.params:
        parts.append(param.name)
        if isinstance(param, EnumParam):
            parts += param.values
    return " ".join(parts).replace("_", " ")


class Retriever:
    """TF-IDF of character 3-5-grams over `description` (on held-out training lines they find more than words do).

    Raises CompareError without scikit-learn.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError as e:
            raise CompareError("retrieval needs scikit-learn: pip install -e '.[compare]'") from e
        self._specs = list(catalogue)
        self._vectors = TfidfVectorizer(ngram_range=(3, 5), sublinear_tf=True, analyzer="char_wb")
        self._matrix = self._vectors.fit_transform([description(spec) for spec in self._specs])

    def best(self, text: str, count: int) -> list[ApiSpec]:
        """``count`` functions, the best first; ties in catalogue order."""
        scores = (self._matrix @ self._vectors.transform([text]).T).toarray().ravel()
        ranked = sorted(range(len(self._specs)), key=lambda i: (-scores[i], i))
        return [self._specs[i] for i in ranked[:count]]
