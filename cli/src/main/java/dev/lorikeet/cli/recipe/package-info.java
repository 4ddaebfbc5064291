/**
 * Recipes: everything that decides a fine-tuning run, as YAML.
 *
 * <p>Read {@link dev.lorikeet.cli.recipe.Recipe} first, then
 * {@link dev.lorikeet.cli.recipe.RecipeSettings}, where every setting is declared.
 *
 * <p>What always holds: a recipe that was read is complete and every value is in its range; a recipe that was written
 * and read again is the same recipe.
 */
@NullMarked
package dev.lorikeet.cli.recipe;

import org.jspecify.annotations.NullMarked;
