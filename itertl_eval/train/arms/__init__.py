"""Run ablation arms: the same recipe with one factor changed.

python -m itertl_eval.train.arms --config RECIPE.yaml
"""
