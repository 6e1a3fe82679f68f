#!/usr/bin/perl
# assay keys where DNS is not asked (require_published = no): who takes keys on
# signs with them before, then, and through the next rotation.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay slurp spew scratch);

my $dir = scratch();
my ($user) = getpwuid $>;
mkdir "$dir/keys", 0700;
sub configure {
    my ($more) = @_;
    spew("$dir/conf", "user = $user\nkey_dir = \"$dir/keys\"\nrequire_published = no\nlog = stderr\n"
        . "resolv_conf = \"/dev/null\"\n$more");
    return;
}
sub keys_tool { return assay('keys', @_, '-c', "$dir/conf") }

# The selectors of the signatures, as assayd would make them now.
sub signs {
    my ($domain) = @_;
    my $mail = "From: a\@$domain\nDate: Sat, 21 Nov 2026 10:00:00 +0000\nSubject: x\n\nHello\n";
    my ($status, $out) = assay('sign', '--field', '-c', "$dir/conf", \$mail);
    return join ' ', sort $out =~ /\bs=(\w+);/g;
}

sub states {
    my ($domain) = @_;
    my ($status, $out) = keys_tool('list', '--json', $domain);
    my %state;
    $state{$1}{$2}++ while $out =~ /"selector": "(\w+)".*?"state": "(\w+)"/gs;
    return join ' ', map { "$_=" . join ',', sort keys %{ $state{$_} } } sort keys %state;
}

configure('');
my ($status, $out, $err) = keys_tool('new', 'here.example', 'own');
is $status, 0, 'keys that nobody manages' or diag $err;
is signs('here.example'), 'owne ownr', 'sign';
($status, $out, $err) = keys_tool('import', 'here.example');
is $status, 0, 'import' or diag $err;
like $out, qr/here\.example ownr: rsa2048, active/, 'they are active at once';
is signs('here.example'), 'owne ownr', 'and sign on';
is states('here.example'), 'owne=active ownr=active', 'managed';

# From elsewhere, into a domain that had none.
spew("$dir/other.pem", slurp("$dir/keys/here.example/ownr.pem"));
chmod 0600, "$dir/other.pem";
($status, $out, $err) = keys_tool('import', 'there.example', 'mail', "$dir/other.pem");
is $status, 0, 'a key from another place' or diag $err;
is signs('there.example'), 'mail', 'signs at once';

# A round of the daemon's does not undo it, nor does a rotation before its end.
($status, $out, $err) = keys_tool('publish', 'here.example');
is signs('here.example'), 'owne ownr', 'after a publication';
($status, $out, $err) = keys_tool('rotate', 'here.example');
is $status, 0, 'rotate' or diag $err;
is signs('here.example'), 'owne ownr', 'while the next keys wait';
like states('here.example'), qr/^e\d{6}=generated owne=active ownr=active r\d{6}=generated$/, 'which are handed over';
configure("key_wait = 1\n");
keys_tool('rotate', 'here.example');
like states('here.example'), qr/^e\d{6}=waiting owne=active ownr=active r\d{6}=waiting$/, 'and then wait';
is signs('here.example'), 'owne ownr', 'until they may sign';
sleep 2;
($status, $out, $err) = keys_tool('rotate', 'here.example');
like signs('here.example'), qr/^e\d{6} r\d{6}$/, 'and then do' or diag $out, $err;
done_testing;
