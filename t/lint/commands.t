#!/usr/bin/perl
# What assay's own tables say (--usage-table) and what is written about them:
# a manual page for each command, all options in it and no others, completions
# that are not stale.
use strict;
use warnings;
use Test::More;

my $top   = $ENV{top_srcdir}   // '.';
my $build = $ENV{top_builddir} // '.';

sub slurp { my ($f) = @_; open my $h, '<', $f or return ''; local $/; return scalar <$h> }

plan skip_all => 'not built' unless -x "$build/assay";
my @table = map { chomp; [split /\t/] } `$build/assay --usage-table`;
is $?, 0, 'assay has its tables';

# The options that a page is about: "-c, --config FILE" as "c config arg".
sub documented {
    my ($text) = @_;
    my %found;
    for ($text =~ /^\.It ((?:Fl \w , )?Fl Fl [\w-]+.*)$/mg) {
        my ($letter) = /^Fl (\w) ,/;
        my ($name) = /Fl Fl ([\w-]+)/;
        $found{join ' ', $letter // '-', $name, / Ar / ? 'arg' : '-'} = 1;
    }
    return \%found;
}

my (%taken, %common, %subs, %operands);
for (@table) {
    my ($kind, $command, @rest) = @$_;
    my ($page) = split / /, $command;
    $subs{$page}{$rest[0]} = 1 if $kind eq 'group' && $command ne '-';
    $operands{$page} = 1 if $kind eq 'command';
    next unless $kind eq 'own' || $kind eq 'common';
    my $option = join ' ', @rest[0, 1], $rest[2] eq '-' ? '-' : 'arg';
    $taken{$page}{$option} = $kind;
    $common{$option} = 1 if $kind eq 'common';
}
my $overview = slurp("$top/conf/assay.1");
my $installed = slurp("$top/conf/conf.am");
my $in_overview = documented($overview);
for my $option (sort keys %$in_overview) {
    ok $common{$option}, "assay(1): $option is an option of some command";
}
for my $command (sort keys %operands) {
    next if $command =~ /^(?:help|version)$/;    # assay(1) has them
    my $file = "$top/conf/assay-$command.1";
    my $page = slurp($file);
    ok $page, "there is assay-$command(1)" or next;
    like $installed, qr{conf/assay-\Q$command\E\.1\b}, '... installed';
    like $overview, qr/^\.It Xr assay-\Q$command\E 1$/m, '... and named in assay(1)';
    like $page, qr/^\.Sh EXIT STATUS$/m, '... has its exit status';
    like $page, qr/^\.Sh SYNOPSIS\n\.Nm assay \Q$command\E\b/m, '... and its usage';
    my $has = documented($page);
    my $takes = $taken{$command};
    my @missing = grep { !$has->{$_} && !($takes->{$_} eq 'common' && $in_overview->{$_}) } sort keys %$takes;
    ok !@missing, '... every option' or diag "not documented: $_" for @missing ? @missing : '';
    my @wrong = grep { !$takes->{$_} } sort keys %$has;
    ok !@wrong, '... and no other' or diag "assay $command does not take: @wrong";
    like $page, qr/^\.(?:Ss|It Cm|Nm) (?:assay )?(?:\Q$command\E )?(?:[\w| ]*\| )?\Q$_\E\b/m, "... and its subcommand $_"
        for sort keys %{ $subs{$command} // {} };
}
for my $shell (qw(bash fish zsh)) {
    my $made = `$build/assay --usage-table | $^X $top/contrib/completion/generate $shell`;
    is slurp("$top/contrib/completion/assay.$shell"), $made,
        "completion for $shell is up to date (else: conf/update BUILDDIR)";
}
like $overview, qr/^\.It 0\n.*^\.It 1\n.*^\.It 2\n.*^\.It 3\n/ms, 'assay(1) has the exit status';
done_testing;
