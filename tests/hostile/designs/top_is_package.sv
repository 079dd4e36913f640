// The wanted name belongs to a package.
package adder8; endpackage
