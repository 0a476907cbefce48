"""Which cells `make test` has time for: four minutes on two cores."""

# What every case and a tiny network of clips go through.
MAIN = {"create", "train", "prune", "quantize", "quantize-float16", "inspect", "evaluate"}
CASE = MAIN - {"train"}
# Variants are there for how a command changes a file, and for their trials.
VARIANT = {"prune", "quantize"}
# Whose kind shows in other commands too.
EXTRA = {
    **dict.fromkeys(("two-readers", "~three-readers"), {"quantize-auto"}),
    **dict.fromkeys(("constant-filters", "~still-channels"), {"quantize-equalize"}),
    **dict.fromkeys(("batch-1", "~six-at-a-time"), {
        "train", "distill", "sensitivity", "verify", "quantize-auto", "quantize-uint8", "quantize-aware",
        "quantize-mixed-size"}),
}
# Tiny networks: all commands on the first; what trains on one with BatchNorm; the main ones on one of clips.
NETWORKS = {
    "simple_cnn": None,
    "wide_cnn": {"create", "train", "prune", "prune-half-size", "quantize", "quantize-aware", "distill", "restructure"},
    "video_transformer": MAIN,
}
# Too slow, or of samples that not every machine has.
LEFT_OUT = {"quantize-adaround", "slim", "prune-unlabelled", "quantize-unlabelled"}


def has_time_for(model, form):
    """Names of forms, and of a model; `group` says what it is."""
    if form.name in LEFT_OUT:
        return False
    if model.group == "family":
        forms = NETWORKS[model.name]
        return forms is None or form.name in forms
    return form.name in (CASE if model.group == "case" else VARIANT) | EXTRA.get(model.name, set())
