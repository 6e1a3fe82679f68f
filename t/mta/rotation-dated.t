#!/usr/bin/perl
# rotation.t with dated selectors in the domain's own zone, and two keys of a
# kind signing at once through each change.
use strict;
use warnings;
use Cwd 'abs_path';
$ENV{ROTATION} = 'dated';
my ($here) = abs_path($0) =~ m{^(.*)/};
defined do "$here/rotation.t" or die $@ || $!;
